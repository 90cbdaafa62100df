// What stands before the message in each style of log:
//
//   unified  2025-01-02 03:04:05.678901+0000 0x1234  Default  0x0  99  0  kernel: (Sender) text
//   compact  2025-01-02 03:04:05.678 Df  kernel[0:1234] (Sender) text
//   syslog   2025-01-02 03:04:05.678901+0000  localhost kernel[0]: (Sender) text
//            Jan  2 03:04:05 host ReportCrash[99]: text
//   console  default<TAB>03:04:05.678901+0000<TAB>kernel<TAB>text
//   dmesg    [ 12.345678]: text
// Source: log(1), the styles of `log show`; syslog.conf(5); what Console copies.

#include "parsers/log_prefix.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/timestamp.h"

namespace panicscan::parsers {
namespace {

std::string_view consume_word(std::string_view& text) {
  const auto end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  skip_blanks(text);
  return word;
}

/// "(Sender) " and "[subsystem:category] " before the message.
void take_sender(LogPrefix& prefix, std::string_view rest) {
  constexpr std::size_t kLongestSender = 128;
  if (rest.starts_with('(')) {
    const auto end = rest.find(')');
    const bool is_sender = end != std::string_view::npos && end < kLongestSender &&
                           rest.substr(1, end - 1).find(' ') == std::string_view::npos &&
                           (end + 1 == rest.size() || rest[end + 1] == ' ');
    if (is_sender) {
      prefix.sender = rest.substr(1, end - 1);
      rest.remove_prefix(end + 1);
      skip_blanks(rest);
    }
  }
  if (rest.starts_with('[')) {
    const auto end = rest.find("] ");
    const bool is_subsystem = end != std::string_view::npos && end < kLongestSender &&
                              rest.substr(0, end).find(':') != std::string_view::npos &&
                              rest.substr(0, end).find(' ') == std::string_view::npos;
    if (is_subsystem) rest.remove_prefix(end + 2);
  }
  prefix.message = rest;
}

/// "kernel[0]: ", "ReportCrash[99:1234] ", "kernel: ": at most the first 100 characters.
bool take_process(LogPrefix& prefix, std::string_view& rest, bool needs_colon) {
  constexpr std::size_t kLongestName = 100;
  const auto end = rest.substr(0, kLongestName).find_first_of(needs_colon ? "[:" : "[");
  if (end == std::string_view::npos || end == 0) return false;
  prefix.process = rest.substr(0, end);
  std::string_view behind = rest.substr(end);
  if (consume(behind, "[")) {
    prefix.pid = consume_decimal(behind);
    if (!prefix.pid) return false;
    if (consume(behind, ":")) prefix.thread = consume_hex_digits(behind);
    if (!consume(behind, "]")) return false;
  }
  if (needs_colon) {
    // "ReportCrash[99] (library) <Notice>: text"
    const auto colon = behind.substr(0, kLongestName).find(':');
    if (colon == std::string_view::npos) return false;
    std::string_view between = trim(behind.substr(0, colon));
    const auto level = between.find('<');
    if (level != std::string_view::npos && between.ends_with('>'))
      prefix.level = between.substr(level + 1, between.size() - level - 2);
    else if (!between.empty())
      return false;
    behind.remove_prefix(colon + 1);
  }
  skip_blanks(behind);
  rest = behind;
  return true;
}

std::optional<LogPrefix> read_unified(std::string_view line) {
  const auto time = consume_timestamp(line);
  if (!time || !time->unix_us) return std::nullopt;
  LogPrefix prefix;
  prefix.time = time->text;
  prefix.unix_us = time->unix_us;
  skip_blanks(line);
  prefix.thread = consume_hex(line);
  if (!prefix.thread) return std::nullopt;
  skip_blanks(line);
  prefix.level = consume_word(line);
  if (!consume_hex(line)) return std::nullopt;  // activity
  skip_blanks(line);
  prefix.pid = consume_decimal(line);
  skip_blanks(line);
  if (!prefix.pid || !consume_decimal(line)) return std::nullopt;  // time to live
  skip_blanks(line);
  const auto colon = line.substr(0, 100).find(": ");
  if (colon == std::string_view::npos) return std::nullopt;
  prefix.process = line.substr(0, colon);
  take_sender(prefix, line.substr(colon + 2));
  return prefix;
}

struct Level {
  std::string_view letters, name;
};
constexpr std::array kLevels{Level{"Df", "Default"}, Level{"E", "Error"},   Level{"F", "Fault"},
                             Level{"I", "Info"},     Level{"Db", "Debug"},  Level{"D", "Debug"},
                             Level{"A", "Activity"}, Level{"S", "Signpost"}};

std::optional<LogPrefix> read_compact(std::string_view line) {
  const auto time = consume_timestamp(line);
  if (!time) return std::nullopt;
  LogPrefix prefix;
  prefix.time = time->text;
  prefix.unix_us = time->unix_us;
  skip_blanks(line);
  const auto level = std::ranges::find(kLevels, consume_word(line), &Level::letters);
  if (level == kLevels.end()) return std::nullopt;
  prefix.level = level->name;
  if (!take_process(prefix, line, false)) return std::nullopt;
  take_sender(prefix, line);
  return prefix;
}

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// "Jan  2 03:04:05": no year and no zone.
std::optional<std::string_view> consume_short_date(std::string_view& text) {
  std::string_view rest = text;
  if (std::ranges::find(kMonths, rest.substr(0, 3)) == kMonths.end()) return std::nullopt;
  rest.remove_prefix(3);
  skip_blanks(rest);
  const auto day = consume_decimal(rest);
  skip_blanks(rest);
  if (!day || *day > 31 || !consume_time_of_day(rest)) return std::nullopt;
  const std::string_view stamp = text.substr(0, text.size() - rest.size());
  text = rest;
  return stamp;
}

std::optional<LogPrefix> read_syslog(std::string_view line) {
  LogPrefix prefix;
  if (const auto time = consume_timestamp(line)) {
    prefix.time = time->text;
    prefix.unix_us = time->unix_us;
  } else if (const auto stamp = consume_short_date(line)) {
    prefix.time = *stamp;
  } else {
    return std::nullopt;
  }
  skip_blanks(line);
  if (consume_word(line).empty()) return std::nullopt;  // host
  if (!take_process(prefix, line, true)) return std::nullopt;
  take_sender(prefix, line);
  return prefix;
}

constexpr std::array<std::string_view, 5> kConsoleLevels{"default", "error", "fault", "info",
                                                         "debug"};

std::optional<LogPrefix> read_console(std::string_view line) {
  LogPrefix prefix;
  std::string_view rest = line;
  const std::string_view first = consume_word(rest);
  if (std::ranges::find(kConsoleLevels, first) != kConsoleLevels.end()) {
    prefix.level = first;
    line = rest;
  }
  rest = line;
  if (!consume_time_of_day(rest)) return std::nullopt;
  consume_zone(rest);
  prefix.time = line.substr(0, line.size() - rest.size());
  if (rest.empty() || (rest.front() != ' ' && rest.front() != '\t')) return std::nullopt;
  skip_blanks(rest);
  // Names with blanks are told from the message by the tabulator.
  const auto tab = rest.find('\t');
  if (tab != std::string_view::npos && tab < 64) {
    prefix.process = rest.substr(0, tab);
    rest.remove_prefix(tab + 1);
  } else {
    prefix.process = consume_word(rest);
  }
  if (prefix.process.ends_with(':')) prefix.process.remove_suffix(1);
  if (prefix.process.empty()) return std::nullopt;
  skip_blanks(rest);
  take_sender(prefix, rest);
  return prefix;
}

std::optional<LogPrefix> read_dmesg(std::string_view line) {
  std::string_view rest = line;
  if (!consume(rest, "[")) return std::nullopt;
  skip_blanks(rest);
  const auto seconds = consume_decimal(rest);
  if (!seconds || *seconds > 1'000'000'000 || !consume(rest, ".")) return std::nullopt;
  std::uint64_t us = *seconds * 1'000'000, unit = 100'000;
  while (!rest.empty() && is_digit(rest.front())) {
    us += unit * static_cast<std::uint64_t>(rest.front() - '0');
    unit /= 10;
    rest.remove_prefix(1);
  }
  if (!consume(rest, "]")) return std::nullopt;
  LogPrefix prefix;
  prefix.time = line.substr(0, line.size() - rest.size());
  prefix.since_boot_us = us;
  prefix.process = "kernel";
  consume(rest, ":");
  skip_blanks(rest);
  take_sender(prefix, rest);
  return prefix;
}

constexpr std::array kStyles{
    LogStyle{"unified", read_unified}, LogStyle{"compact", read_compact},
    LogStyle{"syslog", read_syslog},   LogStyle{"console", read_console},
    LogStyle{"dmesg", read_dmesg},
};

}  // namespace

std::span<const LogStyle> log_styles() { return kStyles; }

}  // namespace panicscan::parsers
