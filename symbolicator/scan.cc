#include "symbolicator/scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "base/threads.h"

namespace panicscan::symbols {
namespace {

/// Units: bytes. A Mach-O header and a UUID are longer.
constexpr std::uint64_t kSmallestFile = 52;

/// Endings of what lies in KDKs, archives and build folders by the thousand and is no linked
/// image. Names of dexts end like this one: "com.example.driver"; so only what we know is left out.
constexpr std::array<std::string_view, 52> kOtherEndings{
    "a",     "asciidoc",  "c",           "car",
    "cc",    "cpp",       "css",         "d",
    "dat",   "dia",       "gz",          "h",
    "hpp",   "html",      "icns",        "iig",
    "ips",   "jpg",       "js",          "json",
    "log",   "m",         "map",         "md",
    "mm",    "modulemap", "nib",         "o",
    "panic", "pbxproj",   "pcm",         "pdf",
    "pkg",   "plist",     "png",         "py",
    "s",     "sh",        "storyboardc", "strings",
    "swift", "swiftdoc",  "swiftmodule", "swiftsourceinfo",
    "tbd",   "tiff",      "txt",         "xcconfig",
    "xml",   "xz",        "yaml",        "zip"};

/// Folders that hold a lot and never a linked image.
constexpr std::array<std::string_view, 9> kOtherFolders{".git",           ".hg",
                                                        ".svn",           "Headers",
                                                        "Index.noindex",  "PrivateHeaders",
                                                        "_CodeSignature", "ModuleCache.noindex",
                                                        "node_modules"};

std::string join(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.ends_with('/')) path += '/';
  return path += name;
}

/// The path without links; nothing, and errno, when it leads nowhere.
std::optional<std::string> canonical(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  if (!real) return std::nullopt;
  return std::string(real.get());
}

/// A folder to be read.
struct Folder {
  std::string path;
  std::string instead;      ///< read this one when `path` is not there
  bool every_name = false;  ///< it holds nothing but symbol files, whatever they are called
};

/// A dSYM bundle is read where its files are, which saves three folders each time.
Folder folder_at(std::string path) {
  if (path.ends_with(".dSYM"))
    return {.path = path + "/Contents/Resources/DWARF", .instead = path, .every_name = true};
  // An executable in a bundle is called as its author likes.
  const bool bundle =
      path.ends_with("/MacOS") || path.ends_with(".kext") || path.ends_with(".dext");
  return {.path = std::move(path), .instead = {}, .every_name = bundle};
}

/// What one thread, or all of them, came across.
struct Found {
  std::vector<ScannedFile> files;
  std::vector<std::string> links;  ///< to files and folders, as they stand
  std::vector<std::string> notes;

  void take(Found&& more) {
    std::ranges::move(more.files, std::back_inserter(files));
    std::ranges::move(more.links, std::back_inserter(links));
    std::ranges::move(more.notes, std::back_inserter(notes));
  }
};

/// Folders that wait to be read. Ends when none waits and none is being read.
class Queue {
 public:
  Queue(std::vector<Folder> folders, std::size_t most) : waiting_(std::move(folders)), left_(most) {
    left_ -= std::min(left_, waiting_.size());
  }

  std::optional<Folder> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !waiting_.empty() || busy_ == 0; });
    if (waiting_.empty()) return std::nullopt;
    Folder folder = std::move(waiting_.back());
    waiting_.pop_back();
    ++busy_;
    return folder;
  }

  /// One folder was read, and these were in it.
  void done(std::vector<Folder>&& inside) {
    const std::lock_guard lock(mutex_);
    --busy_;
    if (inside.size() > left_) {
      full_ = true;
      inside.resize(left_);
    }
    left_ -= inside.size();
    std::ranges::move(inside, std::back_inserter(waiting_));
    changed_.notify_all();
  }

  bool full() const { return full_; }
  std::size_t left() const { return left_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Folder> waiting_;
  std::size_t left_;
  std::size_t busy_ = 0;
  bool full_ = false;
};

void read_entry(int folder, const struct dirent& entry, const Folder& from,
                std::vector<Folder>& inside, Found& found) {
  const std::string_view name = entry.d_name;
  if (name == "." || name == "..") return;
  unsigned char type = entry.d_type;
  struct stat status{};
  if (type == DT_UNKNOWN) {  // some file systems do not say
    if (::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    type = S_ISDIR(status.st_mode)   ? DT_DIR
           : S_ISLNK(status.st_mode) ? DT_LNK
           : S_ISREG(status.st_mode) ? DT_REG
                                     : DT_UNKNOWN;
  }
  if (type == DT_DIR) {
    if (std::ranges::find(kOtherFolders, name) == kOtherFolders.end() && !name.ends_with(".lproj"))
      inside.push_back(folder_at(join(from.path, name)));
    return;
  }
  if (type != DT_REG && type != DT_LNK) return;  // a pipe or a device would make us wait
  if (!from.every_name && !may_be_symbol_file(name)) return;
  if (type == DT_LNK) {
    found.links.push_back(join(from.path, name));
    return;
  }
  if (::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
  if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) >= kSmallestFile)
    found.files.push_back({join(from.path, name), stamp_of(status)});
}

std::vector<Folder> read_folder(Folder from, Found& found) {
  std::vector<Folder> inside;
  DIR* opened = ::opendir(from.path.c_str());
  if (opened == nullptr && !from.instead.empty()) {
    from = {.path = std::move(from.instead), .instead = {}, .every_name = false};
    opened = ::opendir(from.path.c_str());
  }
  if (opened == nullptr) {
    // What is gone by now needs no words.
    if (errno != ENOENT) found.notes.push_back(from.path + ": " + std::strerror(errno));
    return inside;
  }
  while (const struct dirent* entry = ::readdir(opened))
    read_entry(::dirfd(opened), *entry, from, inside, found);
  ::closedir(opened);
  return inside;
}

/// Searches folders, none of which lies in another.
Found search(const std::vector<std::string>& folders, std::size_t& most_folders) {
  std::vector<Folder> start;
  for (const std::string& folder : folders) start.push_back(folder_at(folder));
  Queue queue(std::move(start), most_folders);
  Found all;
  std::mutex mutex;
  run_on_threads(default_threads(), [&] {
    Found mine;
    while (std::optional<Folder> folder = queue.next())
      queue.done(read_folder(*std::move(folder), mine));
    const std::lock_guard lock(mutex);
    all.take(std::move(mine));
  });
  if (queue.full()) all.notes.push_back("too many folders: the rest is not searched");
  most_folders = queue.left();
  return all;
}

using Paths = std::unordered_set<std::string>;

/// The folder that holds a canonical path; empty for "/".
std::string_view parent(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path.size() <= 1) return {};
  return path.substr(0, std::max<std::size_t>(slash, 1));
}

/// Whether a canonical path is one of the folders or lies in one.
bool is_inside_any(std::string_view path, const Paths& folders) {
  for (; !path.empty(); path = parent(path))
    if (folders.contains(std::string(path))) return true;
  return false;
}

/// Each once, without those that lie in another one; sorted.
std::vector<std::string> outermost(const std::vector<std::string>& folders) {
  const Paths all(folders.begin(), folders.end());
  std::vector<std::string> kept;
  for (const std::string& folder : all)
    if (!is_inside_any(parent(folder), all)) kept.push_back(folder);
  std::ranges::sort(kept);
  return kept;
}

/// A whole search: the roots, then what links in them point at, then links in that…
class Search {
 public:
  explicit Search(const ScanOptions& options) : most_folders_(options.most_folders) {
    for (const std::string& root : options.roots) add_root(root);
  }

  Scan run() {
    std::vector<std::string> next = outermost(roots_);
    for (const std::string& root : next)
      for (std::string_view above = parent(root); !above.empty(); above = parent(above))
        above_.emplace(above);
    while (!next.empty()) {
      searched_.insert(next.begin(), next.end());
      Found found = search(next, most_folders_);
      std::ranges::move(found.files, std::back_inserter(scan_.files));
      std::ranges::move(found.notes, std::back_inserter(scan_.notes));
      next = follow(std::move(found.links));
    }
    std::ranges::sort(scan_.files, {}, &ScannedFile::path);
    const auto same_path = [](const auto& a, const auto& b) { return a.path == b.path; };
    scan_.files.erase(std::unique(scan_.files.begin(), scan_.files.end(), same_path),
                      scan_.files.end());
    scan_.folders = outermost({searched_.begin(), searched_.end()});
    for (const ScannedFile& file : scan_.files)
      if (!is_inside_any(file.path, searched_)) scan_.single.push_back(file.path);
    std::ranges::sort(scan_.notes);
    return std::move(scan_);
  }

 private:
  void add_root(const std::string& path) {
    struct stat status{};
    const std::optional<std::string> real = canonical(path);
    if (!real || ::stat(real->c_str(), &status) != 0) {
      scan_.notes.push_back(path + ": " + std::strerror(errno));
    } else if (S_ISDIR(status.st_mode)) {
      roots_.push_back(*real);
    } else if (S_ISREG(status.st_mode)) {
      scan_.files.push_back({*real, stamp_of(status)});
    } else {
      scan_.notes.push_back(path + ": neither a file nor a folder");
    }
  }

  /// Notes the files that links point at; gives the folders that are still to be searched.
  std::vector<std::string> follow(std::vector<std::string> links) {
    std::ranges::sort(links);
    std::vector<std::string> folders;
    for (const std::string& link : links) {
      struct stat status{};
      const std::optional<std::string> target = canonical(link);
      if (!target || ::stat(target->c_str(), &status) != 0) {
        scan_.notes.push_back(link + ": the link leads nowhere");
      } else if (S_ISREG(status.st_mode)) {
        if (static_cast<std::uint64_t>(status.st_size) >= kSmallestFile)
          scan_.files.push_back({*target, stamp_of(status)});
      } else if (S_ISDIR(status.st_mode)) {
        if (above_.contains(*target)) {
          scan_.notes.push_back(link + ": a link to a folder above, not followed");
        } else if (!is_inside_any(*target, searched_)) {
          folders.push_back(*target);
        }
      }
    }
    return outermost(folders);
  }

  std::size_t most_folders_;
  std::vector<std::string> roots_;
  Paths above_;     ///< folders that hold a root
  Paths searched_;  ///< roots, and folders that links point at
  Scan scan_;
};

}  // namespace

FileStamp stamp_of(const struct stat& status) {
#ifdef __APPLE__
  const struct timespec& time = status.st_mtimespec;
#else
  const struct timespec& time = status.st_mtim;
#endif
  return {.size = static_cast<std::uint64_t>(status.st_size),
          .mtime = std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec,
          .inode = static_cast<std::uint64_t>(status.st_ino)};
}

bool may_be_symbol_file(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return true;
  const std::string ending = to_lower(name.substr(dot + 1));
  return std::ranges::find(kOtherEndings, ending) == kOtherEndings.end();
}

Scan scan_folders(const ScanOptions& options) { return Search(options).run(); }

}  // namespace panicscan::symbols
