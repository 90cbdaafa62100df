// Undoes JSON's escapes, keeping for each byte where it came from. Lenient: reports pass through
// editors and forums, so a broken escape is text, and half a surrogate pair is U+FFFD.
// Source: RFC 8259, section 7.

#include <algorithm>
#include <array>

#include "base/json_tree.h"
#include "base/text.h"
#include "base/utf8.h"

namespace panicscan {
namespace {

struct SimpleEscape {
  char letter;
  std::string_view meaning;
};
constexpr std::array kSimpleEscapes{
    SimpleEscape{'n', "\n"}, SimpleEscape{'/', "/"},   SimpleEscape{'"', "\""},
    SimpleEscape{'t', "\t"}, SimpleEscape{'\\', "\\"}, SimpleEscape{'r', "\r"},
    SimpleEscape{'b', "\b"}, SimpleEscape{'f', "\f"},
};

/// What an escape at the front of a text stands for; length 0 when it is none.
struct Escape {
  std::string text;
  std::size_t length = 0;
};

/// The code unit of "\uXXXX" at the front.
std::optional<std::uint32_t> code_unit(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
  const std::string_view digits = text.substr(2, 4);
  for (const char c : digits)
    if (!is_hex_digit(c)) return std::nullopt;
  return static_cast<std::uint32_t>(*parse_hex(digits));
}

Escape read_unicode_escape(std::string_view text) {
  const auto first = code_unit(text);
  if (!first) return {};
  std::uint32_t code_point = *first;
  std::size_t length = 6;
  if (code_point >= 0xD800 && code_point < 0xDC00) {
    const auto second = code_unit(text.substr(6));
    if (second && *second >= 0xDC00 && *second < 0xE000) {
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (*second - 0xDC00);
      length = 12;
    }
  }
  Escape escape{{}, length};
  utf8_append(escape.text, code_point);
  return escape;
}

Escape read_escape(std::string_view text) {
  if (text.size() < 2) return {};
  for (const SimpleEscape& simple : kSimpleEscapes)
    if (text[1] == simple.letter) return {std::string(simple.meaning), 2};
  return read_unicode_escape(text);
}

}  // namespace

Document decode_json_string(std::string_view quoted, std::uint32_t parent,
                            std::uint32_t parent_offset) {
  std::size_t at = quoted.starts_with('"') ? 1 : 0;
  DocumentBuilder out(parent);
  const std::size_t end = quoted.size();
  const auto offset_of = [&](std::size_t i) {
    return parent_offset + static_cast<std::uint32_t>(i);
  };
  while (at < end) {
    const std::size_t backslash = std::min(quoted.find('\\', at), end);
    std::string_view plain = quoted.substr(at, backslash - at);
    // A quote that ends the text and that no backslash precedes is the closing one.
    if (backslash == end && plain.ends_with('"')) plain.remove_suffix(1);
    out.copy(plain, offset_of(at));
    if (backslash == end) break;
    const Escape escape = read_escape(quoted.substr(backslash));
    if (escape.length == 0) {
      out.copy("\\", offset_of(backslash));
      at = backslash + 1;
    } else {
      out.replace(escape.text, offset_of(backslash));
      at = backslash + escape.length;
    }
  }
  return std::move(out).build();
}

}  // namespace panicscan
