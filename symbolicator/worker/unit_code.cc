#include "symbolicator/worker/unit_code.h"

#include "symbolicator/worker/die_scan.h"

namespace panicscan::symbolizer {
namespace {

/// A function or inlined call whose children are being read; -1: one without code.
struct Open {
  int depth = 0;
  std::int32_t scope = -1;
};

std::int32_t add_scope(const Die& die, std::int32_t parent, UnitCode& code) {
  const std::size_t before = code.ranges.size();
  each_range(die, [&](std::uint64_t low, std::uint64_t high) {
    if (low < high) code.ranges.emplace_back(low, high);
  });
  if (code.ranges.size() == before) return -1;
  code.scopes.push_back(scope_of(die, parent));
  code.range_end.push_back(static_cast<std::uint32_t>(code.ranges.size()));
  return static_cast<std::int32_t>(code.scopes.size() - 1);
}

/// Fills in which scopes were inlined into which.
void link_children(UnitCode& code) {
  code.child_end.assign(code.scopes.size(), 0);
  for (const Scope& scope : code.scopes)
    if (scope.parent >= 0) ++code.child_end[static_cast<std::size_t>(scope.parent)];
  std::uint32_t first = 0;
  for (std::uint32_t& end : code.child_end) {
    const std::uint32_t count = end;
    end = first;
    first += count;
  }
  code.children.resize(first);
  for (std::uint32_t i = 0; i < code.scopes.size(); ++i)
    if (code.scopes[i].parent >= 0)
      code.children[code.child_end[static_cast<std::size_t>(code.scopes[i].parent)]++] = i;
}

}  // namespace

UnitCode read_unit_code(llvm::DWARFUnit& unit) {
  UnitCode code;
  std::vector<Open> open;
  code.damaged = !scan_dies(unit, [&](const Die& die) {
    while (!open.empty() && die.depth <= open.back().depth) open.pop_back();
    const llvm::dwarf::Tag tag = die.shape->getTag();
    std::int32_t scope = -1;
    if (tag == llvm::dwarf::DW_TAG_subprogram) {
      scope = add_scope(die, -1, code);
    } else if (tag == llvm::dwarf::DW_TAG_inlined_subroutine) {
      if (open.empty() || open.back().scope < 0) return;
      scope = add_scope(die, open.back().scope, code);
    } else {
      return;
    }
    if (die.shape->hasChildren()) open.push_back({die.depth, scope});
  });
  link_children(code);
  return code;
}

}  // namespace panicscan::symbolizer
