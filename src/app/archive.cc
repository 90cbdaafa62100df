// The only file that knows libarchive. Members are streamed through memory: their names are labels
// and never paths of this machine.

#include "app/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "parsers/sniff.h"

namespace panicscan::app {
namespace {

/// Where the packed bytes come from: a file, or memory. Counts what was read.
class PackedBytes {
 public:
  explicit PackedBytes(int fd) : fd_(fd), buffer_(kBuffer) {}
  explicit PackedBytes(std::string_view bytes) : memory_(bytes) {}
  ~PackedBytes() {
    if (fd_ >= 0) ::close(fd_);
  }
  PackedBytes(const PackedBytes&) = delete;
  PackedBytes& operator=(const PackedBytes&) = delete;

  std::uint64_t read() const { return read_; }

  static la_ssize_t next(struct archive* reader, void* self, const void** bytes) {
    return static_cast<PackedBytes*>(self)->next(reader, bytes);
  }

 private:
  static constexpr std::size_t kBuffer = std::size_t{256} << 10;

  la_ssize_t next(struct archive* reader, const void** bytes) {
    if (fd_ < 0) {
      const std::string_view piece = memory_.substr(0, kBuffer);
      memory_.remove_prefix(piece.size());
      *bytes = piece.data();
      read_ += piece.size();
      return static_cast<la_ssize_t>(piece.size());
    }
    ssize_t got = 0;
    do got = ::read(fd_, buffer_.data(), buffer_.size());
    while (got < 0 && errno == EINTR);
    if (got < 0) {
      archive_set_error(reader, errno, "%s", std::strerror(errno));
      return -1;
    }
    *bytes = buffer_.data();
    read_ += static_cast<std::uint64_t>(got);
    return got;
  }

  int fd_ = -1;
  std::string_view memory_;
  std::vector<char> buffer_;
  std::uint64_t read_ = 0;
};

/// Things that are passed over: how many, and the name of the first.
struct Ignored {
  const char* what;
  std::uint64_t count = 0;
  std::string first;

  void add(std::string_view name) {
    if (count++ == 0) first = name;
  }
};

bool leaves_the_archive(std::string_view name) {
  if (name.starts_with('/')) return true;
  while (!name.empty()) {
    const auto slash = std::min(name.find('/'), name.size());
    if (name.substr(0, slash) == "..") return true;
    name.remove_prefix(std::min(slash + 1, name.size()));
  }
  return false;
}

/// One pass over an archive.
class Pass {
 public:
  Pass(std::string path, PackedBytes& packed, const Limits& limits, const TakeMember& take)
      : path_(std::move(path)),
        packed_(packed),
        limits_(limits),
        take_(take),
        archive_(archive_read_new(), archive_read_free) {}

  Expected<ArchiveResult> run() {
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_filter_bzip2(archive_.get());
    archive_read_support_filter_xz(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    archive_read_support_format_tar(archive_.get());
    archive_read_support_format_zip_streamable(archive_.get());
    archive_read_support_format_raw(archive_.get());
    if (archive_read_open(archive_.get(), &packed_, nullptr, PackedBytes::next, nullptr) !=
        ARCHIVE_OK)
      return Error{ErrorCode::unreadable, path_ + ": " + why(), {}};
    while (result_.cut.empty() && next_member()) continue;
    for (const Ignored& ignored : ignored_)
      if (ignored.count > 0)
        result_.remarks.push_back(path_ + ": ignored " + ignored.what + ": " +
                                  std::to_string(ignored.count) + ", the first is " +
                                  ignored.first);
    return std::move(result_);
  }

 private:
  enum Kind { kLinks, kOutside, kInner, kTooLarge, kKinds };

  std::string why() const {
    const char* text = archive_error_string(archive_.get());
    return text == nullptr ? "cannot be read as an archive" : text;
  }
  void cut(const std::string& text) {
    result_.cut = path_ + ": " + text + "; what stands behind it is not read";
  }

  bool next_member() {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_.get(), &entry);
    if (status == ARCHIVE_EOF) return false;
    if (status < ARCHIVE_WARN) {
      cut("the archive is damaged or ends early: " + why());
      return false;
    }
    const std::string name = name_of(entry);
    const bool is_file =
        archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr;
    if (is_file) ++result_.members;
    if (result_.members > limits_.archive_members) {
      cut("the members are " + beyond_limit(limits_, &Limits::archive_members));
      return false;
    }
    if (!is_file && archive_entry_filetype(entry) != AE_IFDIR) ignored_[kLinks].add(name);
    const bool is_outside = leaves_the_archive(name);
    if (is_file && is_outside) ignored_[kOutside].add(name);
    read_member(name, is_file && !is_outside);
    return true;
  }

  std::string name_of(archive_entry* entry) {
    if (archive_format(archive_.get()) == ARCHIVE_FORMAT_RAW) return {};
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) name = archive_entry_pathname_utf8(entry);
    std::string text = name == nullptr ? "member " + std::to_string(result_.members) : name;
    while (text.starts_with("./")) text.erase(0, 2);
    return text;
  }

  /// Reads through a member; keeps its bytes as long as they may be a report.
  void read_member(const std::string& name, bool is_wanted) {
    std::string bytes;
    bool is_undecided = true;
    for (;;) {
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(archive_.get(), &block, &size, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status < ARCHIVE_WARN) {
        cut(name + ": the archive is damaged or ends early: " + why());
        break;
      }
      total_ += size;
      if (is_beyond_limits()) break;
      if (!is_wanted) continue;
      bytes.append(static_cast<const char*>(block), size);
      if (is_undecided && bytes.size() >= parsers::kSniffed) {
        is_undecided = false;
        is_wanted = decide(name, bytes);
      }
      if (is_wanted && bytes.size() > limits_.input) {
        ignored_[kTooLarge].add(name);
        is_wanted = false;
      }
      if (!is_wanted) bytes = {};
    }
    if (!is_wanted || bytes.empty() || (is_undecided && !decide(name, bytes))) return;
    ++result_.candidates;
    take_(source_from_text(name.empty() ? path_ : path_ + "!" + name, std::move(bytes)));
  }

  bool decide(const std::string& name, std::string_view head) {
    // A single compressed file was named for what it holds.
    if (name.empty()) return true;
    if (parsers::is_archive(head)) {
      ignored_[kInner].add(name);
      return false;
    }
    return parsers::may_be_report(head);
  }

  bool is_beyond_limits() {
    const auto packed = std::max<std::uint64_t>(packed_.read(), 1);
    if (total_ > limits_.archive_total)
      cut("the unpacked members are " + beyond_limit(limits_, &Limits::archive_total));
    else if (total_ > kRatioFrom && total_ / packed > limits_.unpack_ratio)
      cut("each packed byte unpacks to " + beyond_limit(limits_, &Limits::unpack_ratio));
    return !result_.cut.empty();
  }

  std::string path_;
  PackedBytes& packed_;
  const Limits& limits_;
  const TakeMember& take_;
  std::unique_ptr<struct archive, decltype(&archive_read_free)> archive_;
  ArchiveResult result_;
  std::uint64_t total_ = 0;
  std::array<Ignored, kKinds> ignored_{Ignored{"links and devices", 0, {}},
                                       Ignored{"names that lead out of the archive", 0, {}},
                                       Ignored{"archives inside the archive", 0, {}},
                                       Ignored{"members beyond --limit-input", 0, {}}};
};

}  // namespace

bool is_archive_file(const std::string& path) {
  // Looked at before it is opened: whoever writes into a pipe would take us for its reader.
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  std::string head(parsers::kSniffed, '\0');
  const ssize_t got = ::read(fd, head.data(), head.size());
  head.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  ::close(fd);
  return parsers::is_archive(head);
}

Expected<ArchiveResult> read_archive(const std::string& path, const Limits& limits,
                                     const TakeMember& take) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Error{ErrorCode::unreadable, path + ": " + std::strerror(errno), {}};
  PackedBytes packed(fd);
  return Pass(path, packed, limits, take).run();
}

Expected<ArchiveResult> read_archive(const Source& source, const Limits& limits,
                                     const TakeMember& take) {
  PackedBytes packed{std::string_view(*source.bytes)};
  return Pass(source.path, packed, limits, take).run();
}

}  // namespace panicscan::app
