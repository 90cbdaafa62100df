#pragma once

#include <compare>
#include <cstdint>

namespace panicscan {

/// A kernel thread id: `tid:` in the panic text, the key in threadById, hex in the unified log.
struct ThreadId {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(ThreadId, ThreadId) = default;
};

/// A process id; negative values occur in damaged reports.
struct ProcessId {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(ProcessId, ProcessId) = default;
};

/// The name of a lock, port or queue in a stackshot. A salted hash, not an address: equality means
/// something within one report, arithmetic never does.
struct ObjectId {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(ObjectId, ObjectId) = default;
};

/// A position in one of the Report's arenas; cannot be mixed up with that of another arena.
template <typename T>
struct Index {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(Index, Index) = default;
};

/// A run of elements in an arena: [begin, end).
template <typename T>
struct IndexRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  constexpr std::uint32_t size() const { return end - begin; }
  constexpr bool empty() const { return begin == end; }
  friend constexpr bool operator==(IndexRange, IndexRange) = default;
};

}  // namespace panicscan
