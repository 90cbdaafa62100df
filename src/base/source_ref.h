#pragma once

#include <cstdint>
#include <limits>

namespace panicscan {

/// A span of bytes in one of a report's documents: what a value can point at.
///
/// Units: bytes. Document 0 is the file; higher numbers are texts embedded in it
/// (see base/document.h). A default SourceRef points nowhere.
struct SourceRef {
  static constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t document = kNowhere;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;

  /// Whether this points at bytes at all.
  constexpr bool known() const { return document != kNowhere; }
  friend constexpr bool operator==(const SourceRef&, const SourceRef&) = default;
};

/// A value, and where the report says it.
template <typename T>
struct Sourced {
  T value{};
  SourceRef where;
};

}  // namespace panicscan
