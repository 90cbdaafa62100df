#include "symbolicator/worker/die_names.h"

#include <llvm/DebugInfo/DWARF/DWARFCompileUnit.h>
#include <llvm/DebugInfo/DWARF/DWARFDebugInfoEntry.h>

#include <optional>
#include <string_view>

namespace panicscan::symbolizer {
namespace {

/// Real chains have two or three links; a damaged file may have a loop.
constexpr int kMostLinks = 16;
/// Units: bytes. A longer name is cut: it is for people, and one string section may be referred to
/// by every DIE.
constexpr std::size_t kLongestName = 16 << 10;

std::optional<std::string_view> text_of(const std::optional<llvm::DWARFFormValue>& value) {
  if (!value) return std::nullopt;
  auto text = value->getAsCString();
  if (text) return *text != nullptr ? std::optional<std::string_view>(*text) : std::nullopt;
  llvm::consumeError(text.takeError());
  return std::nullopt;
}

}  // namespace

std::uint32_t DieNames::of(llvm::DWARFUnit& unit, std::uint64_t offset) {
  const auto [known, is_new] = known_.try_emplace(offset, 0);
  if (!is_new) return known->second;
  const std::uint32_t name = find(unit, offset);
  known_[offset] = name;
  return name;
}

std::uint32_t DieNames::find(llvm::DWARFUnit& unit, std::uint64_t offset) {
  llvm::DWARFUnit* home = &unit;
  std::optional<std::string_view> plain;
  for (int link = 0; link < kMostLinks; ++link) {
    if (offset < home->getOffset() || offset >= home->getNextUnitOffset()) {
      home = context_.getCompileUnitForOffset(offset);
      if (home == nullptr) break;
      home->getUnitDIE(true);  // DWARF 5: sets the bases of string and address indices
    }
    llvm::DWARFDebugInfoEntry die;
    std::uint64_t next = offset;
    if (!die.extractFast(*home, &next, home->getDebugInfoExtractor(), home->getNextUnitOffset(), 0))
      break;
    const llvm::DWARFAbbreviationDeclaration* shape = die.getAbbreviationDeclarationPtr();
    if (shape == nullptr) break;
    const auto attribute = [&](llvm::dwarf::Attribute a) {
      return shape->getAttributeValue(offset, a, *home);
    };
    auto linkage = text_of(attribute(llvm::dwarf::DW_AT_linkage_name));
    if (!linkage) linkage = text_of(attribute(llvm::dwarf::DW_AT_MIPS_linkage_name));
    if (linkage) return strings_.add(linkage->substr(0, kLongestName));
    if (!plain) plain = text_of(attribute(llvm::dwarf::DW_AT_name));

    auto reference = attribute(llvm::dwarf::DW_AT_abstract_origin);
    if (!reference) reference = attribute(llvm::dwarf::DW_AT_specification);
    if (!reference) break;
    if (const auto within = reference->getAsRelativeReference())
      offset = home->getOffset() + *within;
    else if (const auto anywhere = reference->getAsDebugInfoReference())
      offset = *anywhere;
    else
      break;
  }
  return plain ? strings_.add(plain->substr(0, kLongestName)) : 0;
}

}  // namespace panicscan::symbolizer
