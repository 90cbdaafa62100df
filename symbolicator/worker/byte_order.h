#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace panicscan::symbolizer {

/// The little-endian number at an offset; 0 when it does not lie within the bytes.
template <typename Number>
constexpr Number little(std::string_view bytes, std::size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(Number)) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[offset + i])} << (8 * i);
  return static_cast<Number>(value);
}

/// The same, most significant byte first, as in the header of a universal file.
template <typename Number>
constexpr Number big(std::string_view bytes, std::size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(Number)) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return static_cast<Number>(value);
}

}  // namespace panicscan::symbolizer
