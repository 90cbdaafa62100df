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
    std::int32_t scope = -1;          ///< -1: it holds no wanted address
    std::size_t first = 0, last = 0;  ///< the wanted addresses it holds lie between these
  };

  void visit(const Die& die);
  /// Makes a scope of the DIE when it holds one of the wanted addresses that its parent holds.
  Open cover(const Die& die, const Open& parent);
  std::int32_t add_scope(const Die& die, std::int32_t parent);

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
  Open opened;
  if (tag == llvm::dwarf::DW_TAG_subprogram) {
    opened = cover(die, {.depth = 0, .scope = -1, .first = 0, .last = wanted_.size()});
  } else if (tag == llvm::dwarf::DW_TAG_inlined_subroutine) {
    if (open_.empty() || open_.back().scope < 0) return;
    opened = cover(die, open_.back());
  } else {
    return;
  }
  if (die.shape->hasChildren()) open_.push_back(opened);
}

Walk::Open Walk::cover(const Die& die, const Open& parent) {
  Open made{.depth = depth_, .scope = -1, .first = parent.last, .last = parent.first};
  const auto candidates = wanted_.subspan(parent.first, parent.last - parent.first);
  each_range(die, [&](std::uint64_t low, std::uint64_t high) {
    const auto begin = std::ranges::lower_bound(candidates, FileAddress{low});
    if (begin == candidates.end() || begin->value >= high) return;
    const auto end = std::ranges::lower_bound(begin, candidates.end(), FileAddress{high});
    const auto first = static_cast<std::size_t>(begin - candidates.begin()) + parent.first;
    const auto last = static_cast<std::size_t>(end - candidates.begin()) + parent.first;
    if (made.scope < 0) made.scope = add_scope(die, parent.scope);
    made.first = std::min(made.first, first);
    made.last = std::max(made.last, last);
    for (std::size_t i = first; i < last; ++i) {
      found_.places[i].scope = made.scope;
      if (parent.scope < 0) found_.places[i].start = {low};
    }
  });
  return made;
}

std::int32_t Walk::add_scope(const Die& die, std::int32_t parent) {
  Scope& scope = found_.scopes.emplace_back(Scope{.die = die.offset, .parent = parent});
  if (parent >= 0) {
    scope.call_file = die.number(llvm::dwarf::DW_AT_call_file);
    scope.call_line = die.number(llvm::dwarf::DW_AT_call_line);
    scope.call_column = die.number(llvm::dwarf::DW_AT_call_column);
  }
  return static_cast<std::int32_t>(found_.scopes.size() - 1);
}

}  // namespace

UnitScopes walk_unit(llvm::DWARFUnit& unit, std::span<const FileAddress> wanted) {
  return Walk(unit, wanted).run();
}

}  // namespace panicscan::symbolizer
