#include "symbolicator/worker/units.h"

#include <llvm/DebugInfo/DWARF/DWARFObject.h>

#include <algorithm>
#include <string_view>

#include "symbolicator/worker/byte_order.h"

namespace panicscan::symbolizer {
namespace {

/// Units: bytes, of what precedes the ranges of a unit: length, version, offset of the unit.
constexpr std::size_t kLength = 4, kUnitAt = 6, kSmallestSet = 12;

/// Where the units begin that .debug_aranges speak of, ascending.
///
/// Source: DWARF 5, 6.1.2; sets of 64-bit DWARF, which Apple's tools do not write, end the list.
std::vector<std::uint64_t> unit_starts(std::string_view aranges) {
  std::vector<std::uint64_t> starts;
  while (aranges.size() >= kSmallestSet) {
    const std::uint64_t length = little<std::uint32_t>(aranges, 0);
    if (length > aranges.size() - kLength) break;
    starts.push_back(little<std::uint32_t>(aranges, kUnitAt));
    aranges.remove_prefix(kLength + static_cast<std::size_t>(length));
  }
  std::ranges::sort(starts);
  return starts;
}

}  // namespace

Units::Units(llvm::DWARFContext& context, llvm::DWARFContext& aranges_only) : context_(context) {
  aranges_.generate(&aranges_only);
  const llvm::StringRef bytes = aranges_only.getDWARFObj().getArangesSection();
  starts_ = unit_starts({bytes.data(), bytes.size()});
}

llvm::DWARFUnit* Units::of_code(FileAddress address) {
  const std::uint64_t offset = aranges_.findAddress(address.value);
  if (offset != ~std::uint64_t{0}) return at(offset);
  llvm::DWARFUnit* const unit = context_.getCompileUnitForCodeAddress(address.value);
  return unit != nullptr ? at(unit->getOffset()) : nullptr;
}

llvm::DWARFUnit* Units::at(std::uint64_t offset) {
  const auto [known, is_new] = units_.try_emplace(offset);
  if (!is_new) return known->second.get();
  const llvm::DWARFObject& file = context_.getDWARFObj();
  const llvm::DWARFSection* info = nullptr;
  file.forEachInfoSections([&](const llvm::DWARFSection& section) { info = &section; });
  if (info == nullptr || offset >= info->Data.size()) return nullptr;
  const llvm::DWARFDataExtractor bytes(file, *info, file.isLittleEndian(), 0);
  llvm::DWARFUnitHeader header;
  std::uint64_t end = offset;
  if (auto error = header.extract(context_, bytes, &end, llvm::DW_SECT_INFO)) {
    llvm::consumeError(std::move(error));
    return nullptr;
  }
  if (header.isTypeUnit()) return nullptr;
  known->second = std::make_unique<llvm::DWARFCompileUnit>(
      context_, *info, header, context_.getDebugAbbrev(), &file.getRangesSection(),
      &file.getLocSection(), file.getStrSection(), file.getStrOffsetsSection(),
      &file.getAddrSection(), file.getLineSection(), file.isLittleEndian(), false, none_);
  return known->second.get();
}

llvm::DWARFUnit* Units::around(std::uint64_t offset) {
  const auto next = std::ranges::upper_bound(starts_, offset);
  if (next != starts_.begin()) {
    llvm::DWARFUnit* const unit = at(*std::prev(next));
    if (unit != nullptr && offset < unit->getNextUnitOffset()) return unit;
  }
  llvm::DWARFUnit* const unit = context_.getCompileUnitForOffset(offset);
  return unit != nullptr ? at(unit->getOffset()) : nullptr;
}

}  // namespace panicscan::symbolizer
