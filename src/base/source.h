#pragma once

#include <cstddef>
#include <functional>
#include <istream>
#include <memory>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "base/limits.h"

namespace panicscan {

/// The bytes of one input, and the name people know it by.
struct Source {
  std::string path;                          ///< as given on the command line; "-" is stdin
  std::shared_ptr<const std::string> bytes;  ///< never null
};

/// Reads a regular file, or a pipe, up to `limit` bytes.
///
/// Files are read, not mapped: a report that the system rewrites while we look at it would
/// otherwise end in SIGBUS.
/// Errors: unreadable (missing, a directory, no permission, an I/O error, a FIFO without a
/// writer), limit (larger than `limit`).
Expected<Source> read_source(const std::string& path, std::size_t limit = Limits{}.input);

/// Gives standard input to `take`, piece by piece; none is kept.
///
/// Errors: unreadable, limit.
Status read_standard_input(const std::function<void(std::string_view piece)>& take,
                           std::size_t limit = Limits{}.input);

/// A source made of text that is already in memory.
Source source_from_text(std::string path, std::string text);

}  // namespace panicscan
