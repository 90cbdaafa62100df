#pragma once

#include <llvm/ADT/AddressRanges.h>
#include <llvm/DebugInfo/DWARF/DWARFUnit.h>

#include <cstdint>
#include <span>
#include <vector>

#include "symbolicator/worker/unit_walk.h"

namespace panicscan::symbolizer {

/// All functions of a compile unit that have code, and what was inlined into them.
struct UnitCode {
  /// Parents come before their children; what was inlined into nothing that has code is left out.
  std::vector<Scope> scopes;
  std::vector<std::uint32_t> range_end;    ///< per scope, one past its last range
  std::vector<llvm::AddressRange> ranges;  ///< none empty
  std::vector<std::uint32_t> child_end;    ///< per scope, one past its last child
  std::vector<std::uint32_t> children;     ///< in the order they stand in the unit
  bool damaged = false;                    ///< the unit could not be read to its end

  std::span<const llvm::AddressRange> ranges_of(std::size_t scope) const {
    return part(ranges, range_end, scope);
  }
  std::span<const std::uint32_t> children_of(std::size_t scope) const {
    return part(children, child_end, scope);
  }

 private:
  template <typename T>
  static std::span<const T> part(const std::vector<T>& all, const std::vector<std::uint32_t>& ends,
                                 std::size_t at) {
    const std::size_t first = at == 0 ? 0 : ends[at - 1];
    return std::span(all).subspan(first, ends[at] - first);
  }
};

/// Reads a unit as walk_unit does, but for every address at once.
UnitCode read_unit_code(llvm::DWARFUnit& unit);

}  // namespace panicscan::symbolizer
