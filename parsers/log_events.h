#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "parsers/line_template.h"

namespace panicscan::parsers {

/// A line of the log whose meaning we know. The holes of the template have the names of the fields
/// of fact log.event: subject (who the line is about), object (what else it names), count, code…
struct LogPattern {
  std::string_view kind;  ///< "dext-crash-count"
  std::string_view line;  ///< LineTemplate
  std::string_view says;  ///< what it means, in a few words
};

/// All lines we know; where several fit, the first counts.
std::span<const LogPattern> log_patterns();

/// What a message says, when it is one of log_patterns().
struct KnownLine {
  const LogPattern* pattern = nullptr;
  Captures captures;
};
/// Cost: one pass over the message, and a match for each pattern whose literal begins in it.
std::optional<KnownLine> read_log_message(std::string_view message);

}  // namespace panicscan::parsers
