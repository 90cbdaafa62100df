#pragma once

#include <llvm/ADT/STLFunctionalExtras.h>
#include <llvm/DebugInfo/DWARF/DWARFDebugInfoEntry.h>
#include <llvm/DebugInfo/DWARF/DWARFUnit.h>

#include <cstdint>
#include <optional>

namespace panicscan::symbolizer {

/// A DIE that was just decoded.
struct Die {
  std::uint64_t offset = 0;  ///< in .debug_info
  int depth = 0;             ///< 0 for the unit's own
  const llvm::DWARFAbbreviationDeclaration* shape = nullptr;
  llvm::DWARFUnit* unit = nullptr;

  std::optional<llvm::DWARFFormValue> attribute(llvm::dwarf::Attribute a) const {
    return shape->getAttributeValue(offset, a, *unit);
  }
  /// 0 when the DIE does not have it.
  std::uint32_t number(llvm::dwarf::Attribute a) const {
    const auto value = attribute(a);
    return value ? static_cast<std::uint32_t>(value->getAsUnsignedConstant().value_or(0)) : 0;
  }
};

/// Calls `use(low, high)` for each stretch of code of a function or inlined call.
void each_range(const Die& die, llvm::function_ref<void(std::uint64_t, std::uint64_t)> use);

/// Decodes the DIEs of a unit one after the other, from front to back, without building a tree.
/// False when the unit could not be read to its end.
template <typename Visit>
bool scan_dies(llvm::DWARFUnit& unit, Visit visit) {
  unit.getUnitDIE(true);  // DWARF 5: sets the bases of string, address and range indices
  const llvm::DWARFDataExtractor bytes = unit.getDebugInfoExtractor();
  const std::uint64_t end = unit.getNextUnitOffset();
  std::uint64_t offset = unit.getOffset() + unit.getHeaderSize();
  llvm::DWARFDebugInfoEntry entry;
  int depth = 0;
  while (offset < end) {
    const std::uint64_t start = offset;
    if (!entry.extractFast(unit, &offset, bytes, end, 0)) return false;
    const llvm::DWARFAbbreviationDeclaration* shape = entry.getAbbreviationDeclarationPtr();
    if (shape == nullptr) {  // the end of a list of children
      if (--depth <= 0) break;
      continue;
    }
    visit(Die{start, depth, shape, &unit});
    if (shape->hasChildren())
      ++depth;
    else if (depth == 0)
      break;
  }
  return true;
}

}  // namespace panicscan::symbolizer
