#pragma once

#include <cstdint>
#include <string_view>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// Whether a text is an excerpt of a log, by its first lines.
bool looks_like_log(std::string_view text);

/// Reads an excerpt of the system log: `log show` in any of its styles, lines copied from Console,
/// syslog, dmesg, and lines whose prefixes were lost when some of them are known.
///
/// Lines of log_patterns() become events; all others are only counted.
/// Returns whether it was one. A log that holds a whole panic is none: it is read as the panic.
bool read_log(std::uint32_t document, ReportBuilder& out);

}  // namespace panicscan::parsers
