#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace panicscan {
namespace {

/// What a character is worth as a hexadecimal digit; 16 when it is none.
constexpr auto kHexDigit = [] {
  std::array<std::uint8_t, 256> worth{};
  worth.fill(16);
  for (std::uint8_t i = 0; i < 10; ++i) worth[std::size_t{'0'} + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i)
    worth[std::size_t{'a'} + i] = worth[std::size_t{'A'} + i] = i + 10;
  return worth;
}();

}  // namespace

bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

std::optional<std::uint64_t> consume_decimal(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::uint64_t> consume_hex_digits(std::string_view& text) {
  // Reports are full of these, and std::from_chars takes three times as long.
  std::uint64_t value = 0;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const std::uint8_t digit = kHexDigit[static_cast<unsigned char>(text[at])];
    if (digit == 16) break;
    if (value >> 60 != 0) return std::nullopt;
    value = value << 4 | digit;
  }
  if (at == 0) return std::nullopt;
  text.remove_prefix(at);
  return value;
}

std::optional<std::uint64_t> consume_hex(std::string_view& text) {
  std::string_view rest = text;
  if (!consume(rest, "0x") && !consume(rest, "0X")) return std::nullopt;
  const auto value = consume_hex_digits(rest);
  if (value) text = rest;
  return value;
}

std::optional<std::uint64_t> consume_number(std::string_view& text) {
  if (text.starts_with("0x") || text.starts_with("0X")) return consume_hex(text);
  return consume_decimal(text);
}

std::optional<std::string_view> consume_until(std::string_view& text, std::string_view stop) {
  const auto at = text.find(stop);
  if (at == std::string_view::npos) return std::nullopt;
  const auto before = text.substr(0, at);
  text.remove_prefix(at + stop.size());
  return before;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const auto value = consume_number(text);
  return text.empty() ? value : std::nullopt;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  if (!consume(text, "0x")) consume(text, "0X");
  const auto value = consume_hex_digits(text);
  return text.empty() ? value : std::nullopt;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::string hex(std::uint64_t value) {
  char digits[16];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value, 16);
  return "0x" + std::string(digits, end);
}

std::string hex16(std::uint64_t value) {
  const std::string digits = hex(value).substr(2);
  return "0x" + std::string(16 - digits.size(), '0') + digits;
}

std::string count_of(std::size_t count, std::string_view noun) {
  std::string text = std::to_string(count) + ' ' + std::string(noun);
  if (count != 1) text += 's';
  return text;
}

std::optional<LineReader::Line> LineReader::peek() const {
  if (at_ >= text_.size()) return std::nullopt;
  const auto end = std::min(text_.find('\n', at_), text_.size());
  std::string_view line = text_.substr(at_, end - at_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return Line{line, static_cast<std::uint32_t>(at_)};
}

std::optional<LineReader::Line> LineReader::next() {
  const auto line = peek();
  if (!line) return std::nullopt;
  at_ += line->text.size();
  at_ += text_.substr(at_, 2).starts_with("\r\n") ? 2 : 1;
  return line;
}

}  // namespace panicscan
