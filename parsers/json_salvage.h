#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// Where the value of the first member called `name` begins, at or after `from`, by looking for
/// `"name" :` alone; for JSON that cannot be parsed as a whole. Linear.
std::optional<std::uint32_t> find_member_value(std::string_view text, std::uint32_t from,
                                               std::string_view name);

/// Puts back the backslashes that web forums take from the quotes inside a panic text:
///   "panicString" : "panic(cpu 0 caller 0x…): "example"@file.c:1\n…",
/// The text ends at the quote that is followed by a bracket or by another member, not at the first.
/// Returns the number of the repaired document (one Note), or `document` when nothing was missing.
std::uint32_t restore_inner_quotes(std::uint32_t document, std::uint32_t start, ReportBuilder& out);

}  // namespace panicscan::parsers
