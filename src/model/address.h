#pragma once

#include <compare>
#include <cstdint>

namespace panicscan {

/// A virtual address as the report prints it; whether a slide is in it depends on where it stands
/// (panic text: slid; kernel frames of a stackshot: unslid; see model/placement.h).
struct Address {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(Address, Address) = default;
};

/// An address as the linker wrote it: what DWARF and symbol tables speak.
struct FileAddress {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(FileAddress, FileAddress) = default;
};

/// How far the loader moved something; unsigned, arithmetic is modulo 2^64.
struct Slide {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(Slide, Slide) = default;
};

/// A distance from the start of an image, in bytes.
struct Offset {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(Offset, Offset) = default;
};

constexpr FileAddress operator-(Address a, Slide s) { return {a.value - s.value}; }
constexpr Address operator+(FileAddress a, Slide s) { return {a.value + s.value}; }
constexpr Offset operator-(Address a, Address base) { return {a.value - base.value}; }
constexpr Address operator+(Address base, Offset o) { return {base.value + o.value}; }

}  // namespace panicscan
