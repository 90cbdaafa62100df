#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// From this score of score_panic_text() on, a text is read as a panic.
inline constexpr int kLooksLikePanic = 30;

/// How much a text looks like a process crash report (.crash): 0 to 100, 50 is worth reading.
/// Source: the section names of such reports, as Console and Xcode write them.
int score_crash_text(std::string_view text);

/// Reads a text that is no JSON as whatever it looks like most: a panic, perhaps damaged on its
/// way through mail or a forum, a crash report, or stacks
/// sampled over time. Returns its row in the table of formats;
/// nothing when it looks like neither. `document` is normalised.
std::optional<std::string_view> read_text_report(std::uint32_t document, ReportBuilder& out);

}  // namespace panicscan::parsers
