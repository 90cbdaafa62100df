#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace panicscan {

/// A Mach-O, boot-session or incident UUID, whatever way it was spelled.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// Whether every byte is zero, which Apple writes for "none".
  bool is_zero() const;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// Reads 32 hex digits, in either case, with or without dashes; nothing for anything else.
std::optional<Uuid> parse_uuid(std::string_view text);
/// Upper case with dashes, as Apple's tools print it.
std::string to_string(const Uuid& uuid);

}  // namespace panicscan
