#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace panicscan::parsers {

/// What stands before the message of a log's line. The views point into the line.
struct LogPrefix {
  std::string_view time;  ///< as printed
  std::optional<std::int64_t> unix_us;
  std::optional<std::uint64_t> since_boot_us;
  std::string_view level, process, sender;
  std::optional<std::uint64_t> pid, thread;
  std::string_view message;
};

/// A way in which logs are printed, one line a message.
struct LogStyle {
  std::string_view name;  ///< "unified", "compact", "syslog", "console", "dmesg"
  /// Takes a line apart; nothing when it is no line of this style.
  std::optional<LogPrefix> (*read)(std::string_view line);
};

/// All styles with lines; the JSON ones are read by log_json.cc.
std::span<const LogStyle> log_styles();

}  // namespace panicscan::parsers
