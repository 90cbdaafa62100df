#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace panicscan {

/// A time as Apple's reports and logs print it: "2025-01-02 03:04:05.678901+0000".
struct Timestamp {
  std::string_view text;
  std::optional<std::int64_t> unix_us;  ///< UTC, microseconds; only when a zone is said
};

/// Reads one from the front. "T" between date and time, "Z" as zone, a missing fraction and blanks
/// before the zone are understood.
std::optional<Timestamp> consume_timestamp(std::string_view& text);
/// Reads "03:04:05.678901": microseconds since midnight.
std::optional<std::int64_t> consume_time_of_day(std::string_view& text);
/// Reads "+0130", "-08:00", "Z": minutes east of Greenwich.
std::optional<int> consume_zone(std::string_view& text);

/// A whole text as a time; nothing when it says no zone.
std::optional<std::int64_t> parse_timestamp(std::string_view text);
/// "2025-01-02T03:04:05.678Z", with as many digits of the fraction as are not zero; nothing for
/// times outside the years 1970 to 9999.
std::optional<std::string> utc_text(std::int64_t unix_us);

}  // namespace panicscan
