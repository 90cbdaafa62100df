#include "symbolicator/worker/unit_walk.h"

#include <algorithm>
namespace panicscan::symbolizer {
namespace {

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

  llvm::DWARFUnit& unit_;
  std::span<const FileAddress> wanted_;
  UnitScopes found_;
  std::vector<Open> open_;
};

UnitScopes Walk::run() && {
  found_.damaged = !scan_dies(unit_, [&](const Die& die) { visit(die); });
  return std::move(found_);
}

void Walk::visit(const Die& die) {
  while (!open_.empty() && die.depth <= open_.back().depth) open_.pop_back();
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
  Open made{.depth = die.depth, .scope = -1, .first = parent.last, .last = parent.first};
  const auto candidates = wanted_.subspan(parent.first, parent.last - parent.first);
  each_range(die, [&](std::uint64_t low, std::uint64_t high) {
    const auto begin = std::ranges::lower_bound(candidates, FileAddress{low});
    if (begin == candidates.end() || begin->value >= high) return;
    const auto end = std::ranges::lower_bound(begin, candidates.end(), FileAddress{high});
    const auto first = static_cast<std::size_t>(begin - candidates.begin()) + parent.first;
    const auto last = static_cast<std::size_t>(end - candidates.begin()) + parent.first;
    if (made.scope < 0) {
      made.scope = static_cast<std::int32_t>(found_.scopes.size());
      found_.scopes.push_back(scope_of(die, parent.scope));
    }
    made.first = std::min(made.first, first);
    made.last = std::max(made.last, last);
    for (std::size_t i = first; i < last; ++i) {
      found_.places[i].scope = made.scope;
      if (parent.scope < 0) found_.places[i].start = {low};
    }
  });
  return made;
}

}  // namespace

Scope scope_of(const Die& die, std::int32_t parent) {
  Scope scope{.die = die.offset, .parent = parent};
  if (parent >= 0) {
    scope.call_file = die.number(llvm::dwarf::DW_AT_call_file);
    scope.call_line = die.number(llvm::dwarf::DW_AT_call_line);
    scope.call_column = die.number(llvm::dwarf::DW_AT_call_column);
  }
  return scope;
}

UnitScopes walk_unit(llvm::DWARFUnit& unit, std::span<const FileAddress> wanted) {
  return Walk(unit, wanted).run();
}

}  // namespace panicscan::symbolizer
