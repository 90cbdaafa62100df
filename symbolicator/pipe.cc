#include "symbolicator/pipe.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace panicscan::symbols {
namespace {

/// Memory for a reply grows as its bytes arrive: an announced length alone costs nothing.
constexpr std::size_t kPiece = 1u << 20;
/// Units: bytes. Address space for replies of usual length, which need not move while they grow.
constexpr std::size_t kMostReserved = 8u << 20;

Error broken(std::string_view what) {
  return {ErrorCode::unreadable, "symbolizer pipe: " + std::string(what), {}};
}

/// Waits until the pipe is ready; an Error when the deadline passes first.
Status wait_for(int fd, short events, std::optional<Deadline> deadline) {
  struct pollfd waiting{fd, events, 0};
  while (true) {
    int milliseconds = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(
          *deadline - std::chrono::steady_clock::now());
      milliseconds = static_cast<int>(std::clamp<long long>(left.count(), 0, 1 << 30));
    }
    const int ready = ::poll(&waiting, 1, milliseconds);
    if (ready > 0) return std::monostate{};
    if (ready == 0) return Error{ErrorCode::limit, "symbolizer pipe: no time left", {}};
    if (errno != EINTR) return broken(std::strerror(errno));
  }
}

/// write(), but a reader that is gone is an error and no signal where fd is a socket: panicscan
/// must outlive its workers, and still end when a program that reads its output does.
ssize_t write_some(int fd, ByteView bytes) {
#ifdef MSG_NOSIGNAL
  const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0 || errno != ENOTSOCK) return sent;
#endif
  return ::write(fd, bytes.data(), bytes.size());
}

/// Appends up to `wanted` bytes; how many there were before the pipe ended.
Expected<std::size_t> read_into(int fd, Bytes& bytes, std::size_t wanted,
                                std::optional<Deadline> deadline) {
  const std::size_t begin = bytes.size();
  std::size_t got = 0;
  bytes.reserve(begin + std::min(wanted, kMostReserved));
  while (got < wanted) {
    if (begin + got == bytes.size()) bytes.resize(begin + std::min(wanted, got + kPiece));
    if (const auto ready = wait_for(fd, POLLIN, deadline); !ready) return ready.error();
    const ssize_t count = ::read(fd, bytes.data() + begin + got, bytes.size() - begin - got);
    if (count == 0) break;
    if (count < 0 && errno != EINTR && errno != EAGAIN) return broken(std::strerror(errno));
    if (count > 0) got += static_cast<std::size_t>(count);
  }
  bytes.resize(begin + got);
  return got;
}

}  // namespace

Status send(int fd, const Message& message, std::optional<Deadline> deadline) {
  const auto bytes = encode(message);
  if (!bytes) return bytes.error();
  ByteView rest(*bytes);
  while (!rest.empty()) {
    if (const auto ready = wait_for(fd, POLLOUT, deadline); !ready) return ready.error();
    const ssize_t count = write_some(fd, rest);
    if (count < 0 && errno != EINTR && errno != EAGAIN) return broken(std::strerror(errno));
    if (count > 0) rest = rest.subspan(static_cast<std::size_t>(count));
  }
  return std::monostate{};
}

Expected<std::optional<Message>> receive(int fd, std::optional<Deadline> deadline) {
  Bytes bytes;
  const auto header = read_into(fd, bytes, kHeaderSize, deadline);
  if (!header) return header.error();
  if (*header == 0) return std::optional<Message>{};
  if (*header < kHeaderSize) return broken("it ended within a header");
  const auto length = decode_header(bytes);
  if (!length) return length.error();
  const auto body = read_into(fd, bytes, *length, deadline);
  if (!body) return body.error();
  if (*body < *length) return broken("it ended within a message");
  auto message = decode(bytes);
  if (!message) return message.error();
  return std::optional<Message>(*std::move(message));
}

}  // namespace panicscan::symbols
