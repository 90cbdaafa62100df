#include "base/timestamp.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "base/text.h"

namespace panicscan {
namespace {

/// Reads exactly `digits` decimal digits.
std::optional<unsigned> consume_fixed(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

}  // namespace

std::optional<std::int64_t> consume_time_of_day(std::string_view& text) {
  std::string_view rest = text;
  const auto hours = consume_fixed(rest, 2);
  if (!hours || !consume(rest, ":")) return std::nullopt;
  const auto minutes = consume_fixed(rest, 2);
  if (!minutes || !consume(rest, ":")) return std::nullopt;
  const auto seconds = consume_fixed(rest, 2);
  if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
  std::int64_t us = ((*hours * 60 + *minutes) * 60 + *seconds) * std::int64_t{1'000'000};
  if (consume(rest, ".")) {
    std::int64_t unit = 100'000;
    while (!rest.empty() && is_digit(rest.front())) {
      us += unit * (rest.front() - '0');
      unit /= 10;
      rest.remove_prefix(1);
    }
  }
  text = rest;
  return us;
}

std::optional<int> consume_zone(std::string_view& text) {
  std::string_view rest = text;
  if (consume(rest, "Z")) {
    text = rest;
    return 0;
  }
  skip_blanks(rest);
  const bool east = rest.starts_with('+');
  if (!east && !rest.starts_with('-')) return std::nullopt;
  rest.remove_prefix(1);
  const auto hours = consume_fixed(rest, 2);
  consume(rest, ":");
  const auto minutes = consume_fixed(rest, 2);
  if (!hours || !minutes || *hours > 15 || *minutes > 59) return std::nullopt;
  text = rest;
  const int offset = static_cast<int>(*hours * 60 + *minutes);
  return east ? offset : -offset;
}

std::optional<Timestamp> consume_timestamp(std::string_view& text) {
  std::string_view rest = text;
  const auto year = consume_fixed(rest, 4);
  if (!year || !consume(rest, "-")) return std::nullopt;
  const auto month = consume_fixed(rest, 2);
  if (!month || !consume(rest, "-")) return std::nullopt;
  const auto day = consume_fixed(rest, 2);
  if (!day || (!consume(rest, " ") && !consume(rest, "T"))) return std::nullopt;
  const auto time = consume_time_of_day(rest);
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                            std::chrono::day(*day)};
  if (!time || !date.ok()) return std::nullopt;
  Timestamp result;
  if (const auto zone = consume_zone(rest)) {
    const std::int64_t days = sys_days(date).time_since_epoch().count();
    result.unix_us = (days * 86400 - *zone * 60) * 1'000'000 + *time;
  }
  result.text = text.substr(0, text.size() - rest.size());
  text = rest;
  return result;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  text = trim(text);
  const auto time = consume_timestamp(text);
  return time ? time->unix_us : std::nullopt;
}

std::optional<std::string> utc_text(std::int64_t unix_us) {
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  const std::int64_t whole = unix_us / 1'000'000;
  if (unix_us < 0 || whole >= kYear10000) return std::nullopt;
  using namespace std::chrono;
  const sys_seconds time{seconds(whole)};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(unix_us % 1'000'000));
  std::string result = text.data();
  result.erase(result.find_last_not_of('0') + 1);
  if (result.ends_with('.')) result.pop_back();
  return result + "Z";
}

}  // namespace panicscan
