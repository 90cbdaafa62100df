#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace panicscan {

// The only place that turns characters into numbers. consume_x functions advance the view past
// what they read, and leave it untouched when they read nothing.

/// Removes `prefix` from the front; false (and no change) when it is not there.
bool consume(std::string_view& text, std::string_view prefix);
/// Removes spaces and tabs from the front.
void skip_blanks(std::string_view& text);
/// Reads decimal digits as 64 bits; nothing when there are none or they overflow.
std::optional<std::uint64_t> consume_decimal(std::string_view& text);
/// Reads hex digits without a prefix; nothing when there are none or they overflow.
std::optional<std::uint64_t> consume_hex_digits(std::string_view& text);
/// Reads "0x" (or "0X") and hex digits.
std::optional<std::uint64_t> consume_hex(std::string_view& text);
/// Reads "0x…" as hex, anything else as decimal.
std::optional<std::uint64_t> consume_number(std::string_view& text);
/// The characters up to `stop`, which is removed as well; nothing (no change) when absent.
std::optional<std::string_view> consume_until(std::string_view& text, std::string_view stop);
/// Reads a whole text as a number: "12", "0x1f"; nothing when anything is left over.
std::optional<std::uint64_t> parse_number(std::string_view text);
/// Reads a whole text as hex, with or without "0x".
std::optional<std::uint64_t> parse_hex(std::string_view text);

/// The text without blanks, tabs, CR and LF at both ends.
std::string_view trim(std::string_view text);
bool is_digit(char c);
bool is_hex_digit(char c);
bool is_space(char c);
/// ASCII lower case.
std::string to_lower(std::string_view text);

/// "0x" and lower-case digits, without padding.
std::string hex(std::uint64_t value);
/// "0x" and sixteen lower-case digits: how addresses are printed.
std::string hex16(std::uint64_t value);
/// "1 frame", "3 frames"; for nouns that take an s.
std::string count_of(std::size_t count, std::string_view noun);

/// Walks a text line by line without copying.
///
/// `offset` of a line counts from the start of the text; the line ending (LF, CRLF) is not part
/// of `text`. A text that does not end in LF yields its last, unterminated line.
class LineReader {
 public:
  struct Line {
    std::string_view text;
    std::uint32_t offset = 0;
  };
  explicit LineReader(std::string_view text) : text_(text) {}
  std::optional<Line> next();
  /// The next line without moving past it.
  std::optional<Line> peek() const;

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace panicscan
