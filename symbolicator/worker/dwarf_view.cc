#include "symbolicator/worker/dwarf_view.h"

#include <llvm/DebugInfo/DWARF/DWARFUnit.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace panicscan::symbolizer {
namespace {

/// Units: bytes.
constexpr std::size_t kLongestComplaint = 500;

/// How Mach-O spells the sections (at most sixteen characters), and how LLVM asks for them.
struct DwarfSection {
  std::string_view macho, dwarf;
};
constexpr std::array kDwarfSections{
    DwarfSection{"__debug_info", "debug_info"},
    DwarfSection{"__debug_abbrev", "debug_abbrev"},
    DwarfSection{"__debug_line", "debug_line"},
    DwarfSection{"__debug_line_str", "debug_line_str"},
    DwarfSection{"__debug_str", "debug_str"},
    DwarfSection{"__debug_str_offs", "debug_str_offsets"},
    DwarfSection{"__debug_addr", "debug_addr"},
    DwarfSection{"__debug_ranges", "debug_ranges"},
    DwarfSection{"__debug_rnglists", "debug_rnglists"},
    DwarfSection{"__debug_aranges", "debug_aranges"},
};

}  // namespace

DwarfSections dwarf_sections(const ImageSlice& slice) {
  DwarfSections sections;
  for (const Section& section : slice.image.sections) {
    const auto known = std::ranges::find(kDwarfSections, section.name, &DwarfSection::macho);
    if (section.segment != "__DWARF" || known == kDwarfSections.end()) continue;
    const std::string_view bytes = part_of(slice.bytes, section.content);
    sections.all[known->dwarf] = llvm::MemoryBuffer::getMemBuffer(bytes, "", false);
    if (known->dwarf == "debug_aranges")
      sections.aranges[known->dwarf] = llvm::MemoryBuffer::getMemBuffer(bytes, "", false);
  }
  return sections;
}

DwarfView::DwarfView(const DwarfSections& sections)
    : context_(context_of(sections.all)), aranges_(context_of(sections.aranges)) {}

std::unique_ptr<llvm::DWARFContext> DwarfView::context_of(const DwarfSections::Map& sections) {
  const auto note = [this](llvm::Error e) { complain(llvm::toString(std::move(e))); };
  return llvm::DWARFContext::create(sections, 8, true, note, note);
}

void DwarfView::complain(std::string message) {
  message.resize(std::min(message.size(), kLongestComplaint));
  if (complaint_.empty() || message < complaint_) complaint_ = std::move(message);
}

UnitLines::UnitLines(llvm::DWARFContext& context, llvm::DWARFUnit& unit)
    : table_(context.getLineTableForUnit(&unit)), folder_(unit.getCompilationDir()) {
  if (folder_ == nullptr) folder_ = "";
}

const llvm::DWARFDebugLine::Row* UnitLines::row(FileAddress address) const {
  if (table_ == nullptr) return nullptr;
  const std::uint32_t number =
      table_->lookupAddress({address.value, llvm::object::SectionedAddress::UndefSection});
  return number == table_->UnknownRowIndex ? nullptr : &table_->Rows[number];
}

std::string UnitLines::path(std::uint32_t file) const {
  std::string path;
  using Kind = llvm::DILineInfoSpecifier::FileLineInfoKind;
  if (table_ == nullptr || !table_->getFileNameByIndex(file, folder_, Kind::AbsoluteFilePath, path))
    path.clear();
  return path;
}

}  // namespace panicscan::symbolizer
