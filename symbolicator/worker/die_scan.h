#pragma once

#include <llvm/ADT/STLFunctionalExtras.h>
#include <llvm/DebugInfo/DWARF/DWARFUnit.h>

#include <cstdint>
#include <optional>
#include <vector>

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

/// Steps over the DIEs of a unit. LLVM's own way to do so looks each abbreviation up and asks for
/// the size of each of its forms anew, which is most of the time that reading a unit takes.
class DieCursor {
 public:
  explicit DieCursor(llvm::DWARFUnit& unit);

  bool at_end() const { return offset_ >= end_; }
  std::uint64_t offset() const { return offset_; }
  /// Goes behind the DIE at offset(), and says what it looks like: null for the end of a list of
  /// children. Nothing when the unit is damaged there.
  std::optional<const llvm::DWARFAbbreviationDeclaration*> next();

 private:
  /// An abbreviation, and how many bytes its attributes take.
  struct Shape {
    const llvm::DWARFAbbreviationDeclaration* declaration = nullptr;
    std::uint32_t size = 0;  ///< kVaries: it has to be added up
  };

  Shape shape(std::uint32_t code) const;
  std::uint64_t uleb();
  bool skip_attributes(const llvm::DWARFAbbreviationDeclaration& declaration);

  llvm::DWARFUnit& unit_;
  llvm::DWARFDataExtractor bytes_;
  std::uint64_t offset_, end_;
  std::vector<Shape> known_;  ///< by code; filled as they are met
};

/// Decodes the DIEs of a unit one after the other, from front to back, without building a tree.
/// False when the unit could not be read to its end.
template <typename Visit>
bool scan_dies(llvm::DWARFUnit& unit, Visit visit) {
  unit.getUnitDIE(true);  // DWARF 5: sets the bases of string, address and range indices
  DieCursor cursor(unit);
  int depth = 0;
  while (!cursor.at_end()) {
    const std::uint64_t start = cursor.offset();
    const auto shape = cursor.next();
    if (!shape) return false;
    if (*shape == nullptr) {
      if (--depth <= 0) break;
      continue;
    }
    visit(Die{start, depth, *shape, &unit});
    if ((*shape)->hasChildren())
      ++depth;
    else if (depth == 0)
      break;
  }
  return true;
}

}  // namespace panicscan::symbolizer
