#pragma once

#include <string_view>

namespace panicscan::parsers {

/// So much of a file is enough to tell whether it may be a report.
inline constexpr std::size_t kSniffed = std::size_t{16} << 10;

/// Whether a file that begins with `head` (at least kSniffed bytes, or all of it) is worth reading
/// in whole: used to pass over the thousands of other files of a sysdiagnose. A panic behind
/// kSniffed bytes of other text is not seen by it.
bool may_be_report(std::string_view head);

/// Whether bytes are an archive of files (tar, zip), also a compressed one, or compressed in a way
/// that parse() does not undo (xz, zstd, bzip2). `head` as above.
bool is_archive(std::string_view head);

/// Whether the first `sample` bytes hold more control characters and broken UTF-8 than text would.
bool is_binary(std::string_view bytes, std::size_t sample = 65536);

}  // namespace panicscan::parsers
