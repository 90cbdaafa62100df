#include "base/uuid.h"

#include <algorithm>

#include "base/text.h"

namespace panicscan {

bool Uuid::is_zero() const {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  Uuid uuid;
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    if (!is_hex_digit(c) || digits == 32) return std::nullopt;
    const int value = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    auto& byte = uuid.bytes[digits++ / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
  }
  if (digits != 32) return std::nullopt;
  return uuid;
}

std::string to_string(const Uuid& uuid) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[uuid.bytes[i] >> 4];
    text += kDigits[uuid.bytes[i] & 0xf];
  }
  return text;
}

}  // namespace panicscan
