#include "base/utf8.h"

namespace panicscan {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

bool between(unsigned char c, unsigned low, unsigned high) { return c >= low && c <= high; }

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const unsigned char a = byte_at(text, 0), b = byte_at(text, 1), c = byte_at(text, 2),
                      d = byte_at(text, 3);
  if (text.empty()) return 0;
  if (a < 0x80) return 1;
  const bool c_follows = between(c, 0x80, 0xbf);
  if (between(a, 0xc2, 0xdf)) return between(b, 0x80, 0xbf) ? 2 : 0;
  if (a == 0xe0) return between(b, 0xa0, 0xbf) && c_follows ? 3 : 0;
  if (a == 0xed) return between(b, 0x80, 0x9f) && c_follows ? 3 : 0;
  if (between(a, 0xe1, 0xef)) return between(b, 0x80, 0xbf) && c_follows ? 3 : 0;
  const bool d_follows = between(d, 0x80, 0xbf);
  if (a == 0xf0) return between(b, 0x90, 0xbf) && c_follows && d_follows ? 4 : 0;
  if (a == 0xf4) return between(b, 0x80, 0x8f) && c_follows && d_follows ? 4 : 0;
  if (between(a, 0xf1, 0xf3)) return between(b, 0x80, 0xbf) && c_follows && d_follows ? 4 : 0;
  return 0;
}

std::uint32_t utf8_decode(std::string_view text, std::size_t length) {
  const unsigned char first = byte_at(text, 0);
  if (length < 2) return first;
  std::uint32_t code = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) code = (code << 6) | (byte_at(text, i) & 0x3fU);
  return code;
}

void utf8_append(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
    put(0x80 | (code_point & 0x3f));
  } else if (code_point >= 0xd800 && code_point <= 0xdfff) {
    out += kUtf8Replacement;
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else if (code_point <= 0x10ffff) {
    put(0xf0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3f));
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else {
    out += kUtf8Replacement;
  }
}

}  // namespace panicscan
