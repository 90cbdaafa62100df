#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/expected.h"

namespace panicscan::symbolizer {

/// A file mapped for reading. It is not copied: a dSYM of a kernel has hundreds of megabytes, of
/// which a lookup touches a few. When another program cuts the file short meanwhile, the worker
/// dies of it, and panicscan starts another.
class MappedFile {
 public:
  /// Errors: unreadable, when it cannot be opened, is no regular file, or does not fit.
  static Expected<MappedFile> open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MappedFile();

  std::string_view bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes_;
};

}  // namespace panicscan::symbolizer
