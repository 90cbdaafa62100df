#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace panicscan::symbolizer {

// What panicscan writes into GSYM where GSYM has no words for what DWARF says. Whoever reads the
// cache (gsym_lookup) undoes what its writer (gsym_writer) did, so that an answer from the cache is
// the answer of the DWARF, to the column.

/// Stands for a name or a file that is not there: GSYM has no functions without name, and no lines
/// without file.
inline constexpr std::string_view kNoText = "?";
/// The name of code that belongs to no function and still has lines: assembly.
inline constexpr std::string_view kNoFunction = "??";

/// GSYM has lines and no columns: the line's number holds both.
struct SourcePosition {
  std::uint32_t line = 0, column = 0;
  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

inline constexpr unsigned kColumnBits = 12;

/// Nothing when they do not fit.
constexpr std::optional<std::uint32_t> pack(SourcePosition at) {
  if (at.line >> (32 - kColumnBits) != 0 || at.column >> kColumnBits != 0) return std::nullopt;
  return at.line << kColumnBits | at.column;
}

constexpr SourcePosition unpack(std::uint32_t packed) {
  return {packed >> kColumnBits, packed & ((1u << kColumnBits) - 1)};
}
static_assert(unpack(*pack({1'048'575, 4095})) == SourcePosition{1'048'575, 4095});
static_assert(!pack({1'048'576, 0}) && !pack({0, 4096}));

/// A path from the folder and the name that GSYM keeps apart.
inline std::string joined(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty() && !path.ends_with('/')) path += '/';
  return path += name;
}

}  // namespace panicscan::symbolizer
