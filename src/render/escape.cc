#include "render/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/utf8.h"

namespace panicscan::render {
namespace {

struct CodeRange {
  std::uint32_t first, last;
};

/// Characters that are well-formed UTF-8 and still not shown as they are.
/// Source: Unicode 15, general categories Cc, Zl, Zp; UAX #9 (explicit directional formatting);
/// the tag characters and the byte order mark are invisible and have no business in a report.
constexpr std::array kInvisible{
    CodeRange{0x00, 0x1f},     CodeRange{0x7f, 0x9f},     CodeRange{0x061c, 0x061c},
    CodeRange{0x200b, 0x200f}, CodeRange{0x2028, 0x202e}, CodeRange{0x2060, 0x206f},
    CodeRange{0xfeff, 0xfeff}, CodeRange{0xfff9, 0xfffb}, CodeRange{0xe0000, 0xe007f},
};

bool is_shown_as_is(std::uint32_t code) {
  return std::ranges::none_of(kInvisible,
                              [code](CodeRange r) { return code >= r.first && code <= r.last; });
}

/// Printable ASCII.
bool is_plain_character(char c) { return static_cast<std::uint8_t>(c - 0x20) < 0x5f; }

void append_escaped(std::string& out, std::uint32_t code) {
  switch (code) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  out += code < 0x80 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{:04x}", code);
}

}  // namespace

bool is_plain(std::string_view text) {
  // All of it is looked at, in bytes, which compilers turn into many of them at a time.
  std::uint8_t others = 0;
  for (const char c : text) others |= static_cast<std::uint8_t>(!is_plain_character(c));
  return others == 0;
}

TerminalText escape(std::string_view untrusted) {
  if (is_plain(untrusted)) return TerminalText(std::string(untrusted));
  std::string out;
  out.reserve(untrusted.size());
  while (!untrusted.empty()) {
    const auto plain =
        std::ranges::find_if(untrusted, [](char c) { return !is_plain_character(c); });
    const auto run = static_cast<std::size_t>(plain - untrusted.begin());
    out.append(untrusted.substr(0, run));
    untrusted.remove_prefix(run);
    if (untrusted.empty()) break;

    const std::size_t length = utf8_length(untrusted);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(untrusted.front()));
      untrusted.remove_prefix(1);
      continue;
    }
    const std::uint32_t code = utf8_decode(untrusted, length);
    if (is_shown_as_is(code)) {
      out.append(untrusted.substr(0, length));
    } else {
      append_escaped(out, code);
    }
    untrusted.remove_prefix(length);
  }
  return TerminalText(std::move(out));
}

TerminalText wrap_code(std::string_view code, const TerminalText& text) {
  return TerminalText(fmt::format("\x1b[{}m{}\x1b[0m", code, text.view()));
}

TerminalText internal::as_safe(std::string text) { return TerminalText(std::move(text)); }

TerminalText internal::fill_in(std::string_view words, std::span<const Sayable> arguments) {
  std::string out;
  for (const Sayable& argument : arguments) {
    const auto hole = words.find("{}");
    out.append(words.substr(0, hole)).append(argument.view());
    words.remove_prefix(hole + 2);
  }
  out.append(words);
  return as_safe(std::move(out));
}

}  // namespace panicscan::render
