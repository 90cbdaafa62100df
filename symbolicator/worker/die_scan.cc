#include "symbolicator/worker/die_scan.h"

namespace panicscan::symbolizer {

void each_range(const Die& die, llvm::function_ref<void(std::uint64_t, std::uint64_t)> use) {
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

}  // namespace panicscan::symbolizer
