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
  const Link own = read(unit, offset);
  if (own.name.is_linkage || own.next_unit == nullptr) return own.name.number;
  const auto [known, is_new] = known_.try_emplace(own.next);
  if (is_new) known->second = follow(*own.next_unit, own.next);
  const Name& other = known->second;
  return other.is_linkage || own.name.number == 0 ? other.number : own.name.number;
}

DieNames::Name DieNames::follow(llvm::DWARFUnit& unit, std::uint64_t offset) {
  Name best;
  llvm::DWARFUnit* home = &unit;
  for (int link = 0; link < kMostLinks && home != nullptr; ++link) {
    const Link here = read(*home, offset);
    if (here.name.is_linkage) return here.name;
    if (best.number == 0) best = here.name;
    home = here.next_unit;
    offset = here.next;
  }
  return best;
}

DieNames::Link DieNames::read(llvm::DWARFUnit& unit, std::uint64_t offset) {
  Link link;
  llvm::DWARFDebugInfoEntry die;
  std::uint64_t end = offset;
  if (!die.extractFast(unit, &end, unit.getDebugInfoExtractor(), unit.getNextUnitOffset(), 0))
    return link;
  const llvm::DWARFAbbreviationDeclaration* shape = die.getAbbreviationDeclarationPtr();
  if (shape == nullptr) return link;
  const auto attribute = [&](llvm::dwarf::Attribute a) {
    return shape->getAttributeValue(offset, a, unit);
  };
  auto linkage = text_of(attribute(llvm::dwarf::DW_AT_linkage_name));
  if (!linkage) linkage = text_of(attribute(llvm::dwarf::DW_AT_MIPS_linkage_name));
  if (linkage) {
    link.name = {strings_.add(linkage->substr(0, kLongestName)), true};
    return link;
  }
  if (const auto plain = text_of(attribute(llvm::dwarf::DW_AT_name)))
    link.name.number = strings_.add(plain->substr(0, kLongestName));

  auto reference = attribute(llvm::dwarf::DW_AT_abstract_origin);
  if (!reference) reference = attribute(llvm::dwarf::DW_AT_specification);
  if (!reference) return link;
  if (const auto within = reference->getAsRelativeReference())
    link.next = unit.getOffset() + *within;
  else if (const auto anywhere = reference->getAsDebugInfoReference())
    link.next = *anywhere;
  else
    return link;
  link.next_unit = &unit;
  if (link.next < unit.getOffset() || link.next >= unit.getNextUnitOffset()) {
    link.next_unit = units_.around(link.next);
    // DWARF 5: sets the bases of string and address indices.
    if (link.next_unit != nullptr) link.next_unit->getUnitDIE(true);
  }
  return link;
}

}  // namespace panicscan::symbolizer
