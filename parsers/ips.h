#pragma once

#include <cstdint>
#include <string_view>

#include "base/expected.h"
#include "model/report_builder.h"

namespace panicscan::parsers {

/// Where the JSON of a report begins: at the first bracket, or behind junk such as a shell prompt;
/// nothing when the text holds none of the members that reports are known by.
std::optional<std::uint32_t> find_ips(std::string_view text);

/// Reads a report that begins at `start` of a (normalised) document: a header and a body, back to
/// back or on lines of their own, in any layout; a body alone; a header with a text behind it; a
/// header alone. What a body is, its members decide, and its bug type only after them.
///
/// Returns the name of its row in the table of formats.
/// Errors: malformed, when there is no JSON object; limit.
Expected<std::string_view> read_ips(std::uint32_t document, std::uint32_t start,
                                    ReportBuilder& out);

}  // namespace panicscan::parsers
