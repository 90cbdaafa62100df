#include "symbolicator/header_scan.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/threads.h"
#include "symbolicator/plist.h"
#include "symbolicator/symbol_paths.h"

namespace panicscan::symbols {
namespace {

/// dsymutil puts this before the bundle id of what a dSYM belongs to.
constexpr std::string_view kDsymBundle = "com.apple.xcode.dsym.";

/// What reading a file gave.
struct Read {
  IndexedFile file;
  /// Whether it holds until the file changes. What could not be opened may be readable next time.
  bool lasting = false;
};

std::string bundle_id_of(const std::string& path) {
  const std::string plist = info_plist_of(path);
  if (plist.empty()) return {};
  std::string id = plist_string_in_file(plist, "CFBundleIdentifier").value_or(std::string{});
  if (id.starts_with(kDsymBundle)) id.erase(0, kDsymBundle.size());
  return id;
}

void read_opened(int opened, const std::string& path, Read& read) {
  bool complete = true;
  auto headers = read_macho_headers([&](std::uint64_t offset, std::span<std::uint8_t> into) {
    if (offset >= read.file.stamp.size) return std::size_t{0};
    ssize_t count = 0;
    do {
      count = ::pread(opened, into.data(), into.size(), static_cast<off_t>(offset));
    } while (count < 0 && errno == EINTR);
    if (count < 0) complete = false;
    return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  });
  if (headers) read.file.headers = *std::move(headers);
  if (!complete) read.file.headers.problem = "an error while reading";
  if (!read.file.headers.images.empty()) read.file.bundle_id = bundle_id_of(path);
  read.lasting = complete;
}

Read read_file(const ScannedFile& scanned) {
  Read read;
  read.file.stamp = scanned.stamp;
  // A pipe that took the file's place meanwhile must not make us wait.
  const int opened =
      ::open(scanned.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (opened < 0) {
    read.file.headers.problem = std::strerror(errno);
    return read;
  }
  struct stat status{};
  if (::fstat(opened, &status) == 0 && S_ISREG(status.st_mode)) {
    read.file.stamp = stamp_of(status);
    read_opened(opened, scanned.path, read);
  }
  ::close(opened);
  return read;
}

/// Files of the index that are not there any more, sorted.
std::vector<std::string> missing(const IndexedFiles& known, const Scan& scan) {
  std::unordered_set<std::string_view> present;
  for (const ScannedFile& file : scan.files) present.insert(file.path);
  std::vector<std::string> gone;
  for (const auto& [path, file] : known)
    if (!present.contains(path)) gone.push_back(path);
  std::ranges::sort(gone);
  return gone;
}

}  // namespace

IndexedFiles read_headers(const Scan& scan, const std::optional<UuidIndex>& index,
                          std::vector<std::string>& notes) {
  IndexedFiles known;
  bool usable = index.has_value();
  if (usable) {
    auto loaded = index->load(scan.folders, scan.single);
    usable = loaded.has_value();
    if (usable)
      known = *std::move(loaded);
    else
      notes.push_back("symbol index not used: " + loaded.error().message);
  }
  const std::vector<std::string> gone = missing(known, scan);

  std::vector<const ScannedFile*> unread;
  for (const ScannedFile& file : scan.files) {
    const auto at = known.find(file.path);
    if (at == known.end() || at->second.stamp != file.stamp) unread.push_back(&file);
  }
  std::vector<Read> reads(unread.size());
  for_each_on_threads(unread.size(), default_threads(),
                      [&](std::size_t i) { reads[i] = read_file(*unread[i]); });

  std::vector<ChangedFile> changed;
  for (std::size_t i = 0; i < unread.size(); ++i) {
    const auto [at, added] = known.insert_or_assign(unread[i]->path, std::move(reads[i].file));
    // References to elements stay good while the map grows.
    if (reads[i].lasting) changed.push_back({at->first, &at->second});
  }
  if (usable && (!changed.empty() || !gone.empty())) {
    if (const Status stored = index->store(changed, gone); !stored)
      notes.push_back("symbol index not written: " + stored.error().message);
  }
  return known;
}

}  // namespace panicscan::symbols
