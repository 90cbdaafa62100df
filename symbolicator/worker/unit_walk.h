#pragma once

#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/DebugInfo/DWARF/DWARFUnit.h>

#include <cstdint>
#include <span>
#include <vector>

#include "model/address.h"
#include "symbolicator/worker/die_scan.h"

namespace panicscan::symbolizer {

/// A function, or a call that was inlined.
struct Scope {
  std::uint64_t die = 0;     ///< where it stands in .debug_info
  std::int32_t parent = -1;  ///< the scope it was inlined into; -1 for a function
  std::uint32_t call_file = 0, call_line = 0, call_column = 0;
};

/// The scope of a function's DIE, or of one that was inlined into `parent`.
Scope scope_of(const Die& die, std::int32_t parent);

/// Where in the functions of a unit a wanted address lies.
struct Place {
  std::int32_t scope = -1;  ///< the innermost one; -1 when no function holds the address
  FileAddress start;        ///< of the function's piece of code that holds it
};

/// What one compile unit says about a batch of addresses.
struct UnitScopes {
  std::vector<Scope> scopes;
  std::vector<Place> places;  ///< one for each wanted address
  bool damaged = false;       ///< the unit could not be read to its end
};

/// Finds the scopes of ascending addresses in one pass over the DIEs of a unit.
///
/// No tree is built: DIEs are decoded one after the other, and nothing is kept of those that hold
/// no wanted address. When several functions cover an address (identical code folded into one),
/// the one that stands last in the unit is taken, which is llvm-symbolizer's choice too.
/// Relies on DWARF 5, 3.3.8.2: the code of an inlined call lies within that of its caller.
///
/// Cost: the bytes of the unit; memory for the scopes found.
UnitScopes walk_unit(llvm::DWARFUnit& unit, std::span<const FileAddress> wanted);

}  // namespace panicscan::symbolizer
