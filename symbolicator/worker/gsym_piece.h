#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace panicscan::symbolizer {

// A piece of a cache file: GSYM of some code, and before it what GSYM cannot hold.
//
// To find the line of one address in GSYM, all lines of its function before it are decoded, and all
// inlined calls. So the functions are cut, and each part stands there as a function of its own;
// where the whole ones begin stands before the GSYM: u32 count, then as many u64, little-endian,
// ascending.

struct GsymPiece {
  std::vector<std::uint64_t> starts;
  std::string_view gsym;

  /// Where the function begins that holds the address; the address itself when none does.
  std::uint64_t start_of(std::uint64_t address) const;
};

std::string join_piece(std::span<const std::uint64_t> starts, std::string_view gsym);
/// Nothing when the bytes are none that join_piece made.
std::optional<GsymPiece> split_piece(std::string_view bytes);

}  // namespace panicscan::symbolizer
