#include "symbolicator/worker/unit_walk.h"

#include <llvm/DebugInfo/DWARF/DWARFDebugInfoEntry.h>

#include <algorithm>
#include <optional>

namespace panicscan::symbolizer {
namespace {

using llvm::DWARFAbbreviationDeclaration;
using llvm::DWARFFormValue;

/// A DIE that was just decoded.
struct Die {
  std::uint64_t offset = 0;
  const DWARFAbbreviationDeclaration* shape = nullptr;
  llvm::DWARFUnit* unit = nullptr;

  std::optional<DWARFFormValue> attribute(llvm::dwarf::Attribute a) const {
    return shape->getAttributeValue(offset, a, *unit);
  }
  std::uint32_t number(llvm::dwarf::Attribute a) const {
    const auto value = attribute(a);
    return value ? static_cast<std::uint32_t>(value->getAsUnsignedConstant().value_or(0)) : 0;
  }
};

/// Calls `use(low, high)` for each stretch of code of a function or inlined call.
template <typename Use>
void each_range(const Die& die, Use use) {
  if (const auto low = die.attribute(llvm::dwarf::DW_AT_low_pc)) {
    const auto start = low->getAsSectionedAddress();
    const auto high = die.attribute(llvm::dwarf::DW_AT_high_pc);
    // All ones: the linker removed the function (DWARF 5, 2.17.1; LLD's tombstone).
    if (!start || !high || start->Address == ~std::uint64_t{0}) return;
    if (const auto end = high->getAsAddress())
      use(start->Address, *end);
    else if (const auto length = high->getAsUnsignedConstant())
      use(start->Address, start->Address + *length);
    return;
  }
  const auto ranges = die.attribute(llvm::dwarf::DW_AT_ranges);
  const auto place = ranges ? ranges->getAsSectionOffset() : std::nullopt;
  if (!place) return;
  auto list = ranges->getForm() == llvm::dwarf::DW_FORM_rnglistx
                  ? die.unit->findRnglistFromIndex(static_cast<std::uint32_t>(*place))
                  : die.unit->findRnglistFromOffset(*place);
  if (!list) {
    llvm::consumeError(list.takeError());
    return;
  }
  for (const auto& range : *list) use(range.LowPC, range.HighPC);
}

class Walk {
 public:
  Walk(llvm::DWARFUnit& unit, std::span<const FileAddress> wanted) : unit_(unit), wanted_(wanted) {
    found_.places.resize(wanted.size());
  }

  UnitScopes run() &&;

 private:
  /// A function or inlined call whose children are being read.
  struct Open {
    int depth = 0;
    std::int32_t scope = -1;  ///< -1: it holds no wanted address
  };

  void visit(const Die& die);
  /// Makes a scope of the DIE when it holds a wanted address; its number, or -1.
  std::int32_t cover(const Die& die, std::int32_t parent);

  llvm::DWARFUnit& unit_;
  std::span<const FileAddress> wanted_;
  UnitScopes found_;
  std::vector<Open> open_;
  int depth_ = 0;
};

UnitScopes Walk::run() && {
  unit_.getUnitDIE(true);  // DWARF 5: sets the bases of string, address and range indices
  const llvm::DWARFDataExtractor bytes = unit_.getDebugInfoExtractor();
  const std::uint64_t end = unit_.getNextUnitOffset();
  std::uint64_t offset = unit_.getOffset() + unit_.getHeaderSize();
  llvm::DWARFDebugInfoEntry entry;
  while (offset < end) {
    const std::uint64_t start = offset;
    if (!entry.extractFast(unit_, &offset, bytes, end, 0)) {
      found_.damaged = true;
      break;
    }
    const DWARFAbbreviationDeclaration* shape = entry.getAbbreviationDeclarationPtr();
    if (shape == nullptr) {  // the end of a list of children
      if (--depth_ <= 0) break;
      while (!open_.empty() && depth_ <= open_.back().depth) open_.pop_back();
      continue;
    }
    visit({start, shape, &unit_});
    if (shape->hasChildren())
      ++depth_;
    else if (depth_ == 0)
      break;
  }
  return std::move(found_);
}

void Walk::visit(const Die& die) {
  const llvm::dwarf::Tag tag = die.shape->getTag();
  std::int32_t scope = -1;
  if (tag == llvm::dwarf::DW_TAG_subprogram) {
    scope = cover(die, -1);
  } else if (tag == llvm::dwarf::DW_TAG_inlined_subroutine) {
    if (open_.empty() || open_.back().scope < 0) return;
    scope = cover(die, open_.back().scope);
  } else {
    return;
  }
  if (die.shape->hasChildren()) open_.push_back({depth_, scope});
}

std::int32_t Walk::cover(const Die& die, std::int32_t parent) {
  std::int32_t scope = -1;
  each_range(die, [&](std::uint64_t low, std::uint64_t high) {
    auto first = std::ranges::lower_bound(wanted_, FileAddress{low});
    const auto last = std::ranges::lower_bound(wanted_, FileAddress{high});
    if (first >= last) return;
    if (scope < 0) {
      scope = static_cast<std::int32_t>(found_.scopes.size());
      Scope& made = found_.scopes.emplace_back(Scope{.die = die.offset, .parent = parent});
      if (parent >= 0) {
        made.call_file = die.number(llvm::dwarf::DW_AT_call_file);
        made.call_line = die.number(llvm::dwarf::DW_AT_call_line);
        made.call_column = die.number(llvm::dwarf::DW_AT_call_column);
      }
    }
    for (; first != last; ++first) {
      Place& place = found_.places[static_cast<std::size_t>(first - wanted_.begin())];
      place.scope = scope;
      if (parent < 0) place.start = {low};
    }
  });
  return scope;
}

}  // namespace

UnitScopes walk_unit(llvm::DWARFUnit& unit, std::span<const FileAddress> wanted) {
  return Walk(unit, wanted).run();
}

}  // namespace panicscan::symbolizer
