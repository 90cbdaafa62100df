#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/case.h"
#include "model/vendor.h"

namespace panicscan::render {

// Questions that more than one output asks of a Case.

/// The finding a reader should act on: the first that no other explains; null when there is none,
/// or only the fallback that says that no rule knows the panic.
const Finding* leading_finding(const Case& subject);
/// The fallback finding, when a rule made one and nothing better was found.
const Finding* fallback_finding(const Case& subject);
/// The one of the two that there is; null when there is none.
const Finding* main_finding(const Case& subject);

/// The last part of a path, or of a member's path in an archive.
std::string file_name(std::string_view path);

/// How a frame is placed; null when the case holds no placements.
const Placement* placement_of(const Case& subject, std::uint32_t frame);

/// Whether a frame lies in the user's own code.
bool is_own_frame(const Case& subject, std::uint32_t frame);

/// The text of a fact's field; empty when the fact or the field is missing.
std::string text_of(const Fact* fact, std::string_view field);

/// The facts that explain how it came to the panic, in the order of analysis, with the section
/// they belong to ("FAULT", "BUSY"…).
struct MechanismFact {
  std::string_view section;
  const Fact* fact = nullptr;
};
std::vector<MechanismFact> mechanism_facts(const Facts& facts);
/// What is known of a fact, row by row: its decoded rows, or its plain values.
std::vector<Decoded> rows_of(const Fact& fact);

/// Seconds since 1970 as "2025-06-01T10:00:00Z" (UTC); nothing for all zero, which means "never".
std::optional<std::string> utc(const EpochTime& time);
/// "3 d 4 h", "2 h 5 min", "4 min 16 s", "21.3 s".
std::string duration(std::uint64_t milliseconds);

}  // namespace panicscan::render
