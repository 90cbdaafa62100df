#pragma once

#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/DebugInfo/DWARF/DWARFUnit.h>

#include <cstdint>
#include <unordered_map>

#include "symbolicator/worker/string_table.h"

namespace panicscan::symbolizer {

/// Names of functions by the place of their DIE in .debug_info.
///
/// An inlined call has no name of its own: DW_AT_abstract_origin leads to the function, from there
/// DW_AT_specification to its declaration in a class, perhaps in another unit (dsymutil keeps each
/// declaration once). The linkage name is the first one found along the way; only when there is
/// none, the plain name is taken.
class DieNames {
 public:
  DieNames(llvm::DWARFContext& context, StringTable& strings)
      : context_(context), strings_(strings) {}

  /// The name's number in the string table; 0 when the function has none.
  std::uint32_t of(llvm::DWARFUnit& unit, std::uint64_t offset);

 private:
  std::uint32_t find(llvm::DWARFUnit& unit, std::uint64_t offset);

  llvm::DWARFContext& context_;
  StringTable& strings_;
  std::unordered_map<std::uint64_t, std::uint32_t> known_;
};

}  // namespace panicscan::symbolizer
