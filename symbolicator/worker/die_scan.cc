#include "symbolicator/worker/die_scan.h"

#include <llvm/DebugInfo/DWARF/DWARFDebugAbbrev.h>

#include <algorithm>

namespace panicscan::symbolizer {
namespace {

/// A size that differs from DIE to DIE.
constexpr std::uint32_t kVaries = ~std::uint32_t{0};
/// Compilers number abbreviations from 1 on; few programs have a thousand.
constexpr std::size_t kMostKnown = 4096;

}  // namespace

DieCursor::DieCursor(llvm::DWARFUnit& unit)
    : unit_(unit),
      bytes_(unit.getDebugInfoExtractor()),
      offset_(unit.getOffset() + unit.getHeaderSize()),
      end_(std::min<std::uint64_t>(unit.getNextUnitOffset(), bytes_.size())) {}

std::uint64_t DieCursor::uleb() {
  const llvm::StringRef data = bytes_.getData();
  std::uint64_t value = 0;
  for (unsigned shift = 0; offset_ < end_; shift += 7) {
    const auto byte = static_cast<unsigned char>(data[offset_++]);
    if (shift < 64) value |= std::uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  offset_ = end_ + 1;  // ran out
  return 0;
}

DieCursor::Shape DieCursor::shape(std::uint32_t code) const {
  const auto* const set = unit_.getAbbreviations();
  const auto* const found = set != nullptr ? set->getAbbreviationDeclaration(code) : nullptr;
  if (found == nullptr) return {};
  const auto size = found->getFixedAttributesByteSize(unit_);
  return {found, size ? static_cast<std::uint32_t>(*size) : kVaries};
}

bool DieCursor::skip_attributes(const llvm::DWARFAbbreviationDeclaration& declaration) {
  for (const auto& attribute : declaration.attributes()) {
    if (attribute.isImplicitConst()) continue;
    if (const auto size = attribute.getByteSize(unit_)) {
      offset_ += static_cast<std::uint64_t>(*size);
    } else if (attribute.Form == llvm::dwarf::DW_FORM_udata ||
               attribute.Form == llvm::dwarf::DW_FORM_sdata) {
      uleb();
    } else if (attribute.Form == llvm::dwarf::DW_FORM_exprloc) {
      const std::uint64_t length = uleb();
      if (offset_ > end_ || length > end_ - offset_) return false;
      offset_ += length;
    } else if (!llvm::DWARFFormValue::skipValue(attribute.Form, bytes_, &offset_,
                                                unit_.getFormParams())) {
      return false;
    }
    if (offset_ > end_) return false;
  }
  return true;
}

std::optional<const llvm::DWARFAbbreviationDeclaration*> DieCursor::next() {
  const std::uint64_t code = uleb();
  if (offset_ > end_) return std::nullopt;
  if (code == 0) return nullptr;
  if (code > UINT32_MAX) return std::nullopt;
  Shape here;
  if (code < kMostKnown) {
    if (code >= known_.size()) known_.resize(static_cast<std::size_t>(code) + 1);
    Shape& known = known_[static_cast<std::size_t>(code)];
    if (known.declaration == nullptr) known = shape(static_cast<std::uint32_t>(code));
    here = known;
  } else {
    here = shape(static_cast<std::uint32_t>(code));
  }
  if (here.declaration == nullptr) return std::nullopt;
  if (here.size == kVaries) {
    if (!skip_attributes(*here.declaration)) return std::nullopt;
  } else {
    offset_ += here.size;
  }
  if (offset_ > end_) return std::nullopt;
  return here.declaration;
}

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
