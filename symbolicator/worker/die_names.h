#pragma once

#include <llvm/DebugInfo/DWARF/DWARFUnit.h>

#include <cstdint>
#include <unordered_map>

#include "symbolicator/worker/string_table.h"
#include "symbolicator/worker/units.h"

namespace panicscan::symbolizer {

/// Names of functions by the place of their DIE in .debug_info.
///
/// An inlined call has no name of its own: DW_AT_abstract_origin leads to the function, from there
/// DW_AT_specification to its declaration in a class, perhaps in another unit (dsymutil keeps each
/// declaration once). The linkage name is the first one found along the way; only when there is
/// none, the first plain name is taken.
class DieNames {
 public:
  DieNames(Units& units, StringTable& strings) : units_(units), strings_(strings) {}

  /// The name's number in the string table; 0 when the function has none.
  std::uint32_t of(llvm::DWARFUnit& unit, std::uint64_t offset);

 private:
  /// What a DIE, and those it refers to, are called.
  struct Name {
    std::uint32_t number = 0;
    bool is_linkage = false;
  };
  /// What one DIE says.
  struct Link {
    Name name;
    llvm::DWARFUnit* next_unit = nullptr;  ///< none: it refers to nothing
    std::uint64_t next = 0;
  };

  Link read(llvm::DWARFUnit& unit, std::uint64_t offset);
  Name follow(llvm::DWARFUnit& unit, std::uint64_t offset);

  Units& units_;
  StringTable& strings_;
  /// Of functions that others refer to: a function is inlined in many places.
  std::unordered_map<std::uint64_t, Name> known_;
};

}  // namespace panicscan::symbolizer
