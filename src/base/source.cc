#include "base/source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace panicscan {
namespace {

/// How long a FIFO or stdin may stay silent before we say so instead of waiting forever.
constexpr int kPipeSilenceMilliseconds = 5000;

Error unreadable(const std::string& path, const std::string& why) {
  return Error{ErrorCode::unreadable, path + ": " + why, {}};
}

Error too_large(const std::string& path, std::size_t limit) {
  return Error{ErrorCode::limit,
               path + ": larger than the limit of " + std::to_string(limit) +
                   " bytes for one input; cut it, or raise --limit-input",
               {}};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

/// A FIFO opened without blocking reads as "end of file" until a writer appears, so wait for one.
bool wait_for_data(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, kPipeSilenceMilliseconds) > 0;
}

Expected<std::string> read_all(int fd, const std::string& path, bool is_fifo, std::size_t limit,
                               std::size_t expected_size) {
  std::string bytes;
  std::size_t used = 0;
  bytes.resize(expected_size + 1);
  for (;;) {
    if (is_fifo && !wait_for_data(fd))
      return unreadable(
          path, "nothing was written to this pipe for 5 seconds; give a file, or - for stdin");
    if (used == bytes.size()) bytes.resize(bytes.size() * 2);
    const ssize_t got = ::read(fd, bytes.data() + used, bytes.size() - used);
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return unreadable(path, std::strerror(errno));
    }
    used += static_cast<std::size_t>(got);
    if (used > limit) return too_large(path, limit);
  }
  bytes.resize(used);
  return bytes;
}

}  // namespace

Expected<Source> read_source(const std::string& path, std::size_t limit) {
  const bool is_stdin = path == "-";
  const Descriptor fd(is_stdin ? STDIN_FILENO
                               : ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) return unreadable(path, std::strerror(errno));
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return unreadable(path, std::strerror(errno));
  if (S_ISDIR(info.st_mode)) return unreadable(path, "is a directory");
  if (!is_stdin && !S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode))
    return unreadable(path, "is neither a file nor a pipe");
  const std::size_t size = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) : 65536;
  if (size > limit && S_ISREG(info.st_mode))
    return Error{ErrorCode::limit,
                 path + ": " + std::to_string(size) + " bytes are more than the limit of " +
                     std::to_string(limit) + " for one input; cut it, or raise --limit-input",
                 {}};
  auto bytes = read_all(fd.get(), path, S_ISFIFO(info.st_mode) && !is_stdin, limit, size);
  if (!bytes) return std::move(bytes).error();
  return source_from_text(path, *std::move(bytes));
}

Status read_standard_input(const std::function<void(std::string_view)>& take, std::size_t limit) {
  constexpr std::size_t kPiece = 256 << 10;  // stays within reach of the processor
  const std::string path = "-";
  std::string piece(kPiece, '\0');
  for (std::size_t used = 0;;) {
    const ssize_t got = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (got == 0) return std::monostate{};
    if (got < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return unreadable(path, std::strerror(errno));
    }
    used += static_cast<std::size_t>(got);
    if (used > limit) return too_large(path, limit);
    take(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
  }
}

Source source_from_text(std::string path, std::string text) {
  return Source{std::move(path), std::make_shared<const std::string>(std::move(text))};
}

}  // namespace panicscan
