#include "app/gathered_output.h"

#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <span>
#include <utility>

namespace panicscan::app {
namespace {

/// POSIX promises 16 (_XOPEN_IOV_MAX); Linux and macOS take 1,024.
constexpr std::size_t kPartsOfCall = 1024;

/// Takes what was written off the front.
std::span<iovec> after(std::span<iovec> parts, std::size_t written) {
  while (!parts.empty() && written >= parts.front().iov_len) {
    written -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (written > 0) {
    parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + written;
    parts.front().iov_len -= written;
  }
  return parts;
}

}  // namespace

void GatheredOutput::add(std::string_view text) {
  parts_.push_back({const_cast<char*>(text.data()), text.size()});
  if (parts_.size() == kPartsOfCall) (void)flush();
}

void GatheredOutput::keep(std::string text) { add(kept_.emplace_back(std::move(text))); }

bool GatheredOutput::flush() {
  std::cout.flush();  // what was written there before stands before
  std::span<iovec> rest(parts_);
  while (is_well_ && !rest.empty()) {
    const ssize_t count = ::writev(STDOUT_FILENO, rest.data(), static_cast<int>(rest.size()));
    if (count >= 0)
      rest = after(rest, static_cast<std::size_t>(count));
    else
      is_well_ = errno == EINTR;
  }
  parts_.clear();
  kept_.clear();
  return is_well_;
}

}  // namespace panicscan::app
