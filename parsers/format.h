#pragma once

#include <span>
#include <string_view>

#include "base/expected.h"
#include "base/limits.h"
#include "base/source.h"
#include "model/report.h"

namespace panicscan::parsers {

/// A format we can read. The next format is one row in formats.cc and one .cc file.
struct Format {
  std::string_view name;     ///< "ips-panic", "panic-text"…; goes into Report::format
  std::string_view meaning;  ///< one sentence for people
};

/// All formats, in the order of the table; `panicscan formats` and the README print it.
std::span<const Format> formats();

/// Reads a report, whatever its container; decided by content, never by file name.
///
/// Odd parts cost notes inside the Report, not the report.
/// Errors: unknown_format, when no part of the bytes looks like anything we know (empty,
/// binary noise); limit, when nothing could be read within `limits`.
Expected<Report> parse(const Source& source, const Limits& limits = {});

/// Reads lines of waitInfo ("thread 10: kernel mutex 0xa1 owned by thread 11") and turnstileInfo
/// in both dialects; for rule examples and tests. Errors: malformed, when there is no waiter.
Expected<WaitEdge> parse_wait_line(std::string_view line, SourceRef where);

}  // namespace panicscan::parsers
