#pragma once

#include <llvm/ADT/StringMap.h>
#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/DebugInfo/DWARF/DWARFDebugLine.h>
#include <llvm/Support/MemoryBuffer.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/address.h"
#include "symbolicator/worker/macho_file.h"
#include "symbolicator/worker/units.h"

namespace panicscan::symbolizer {

/// The sections of an image's DWARF, by the names that LLVM asks for them.
struct DwarfSections {
  using Map = llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>>;
  Map all, aranges;  ///< the latter .debug_aranges only, see Units
};
DwarfSections dwarf_sections(const ImageSlice& slice);

/// One thread's view of an image's DWARF: LLVM's contexts are not made for sharing.
class DwarfView {
 public:
  explicit DwarfView(const DwarfSections& sections);
  DwarfView(const DwarfView&) = delete;
  DwarfView& operator=(const DwarfView&) = delete;

  llvm::DWARFContext& context() { return *context_; }
  Units& units() { return units_; }
  /// What was damaged, one phrase; empty when nothing was. Of several the first by the alphabet:
  /// threads come in any order.
  const std::string& complaint() const { return complaint_; }
  void complain(std::string message);
  void forget_complaint() { complaint_.clear(); }

 private:
  std::unique_ptr<llvm::DWARFContext> context_of(const DwarfSections::Map& sections);

  std::string complaint_;  ///< before the context, whose making may already complain
  std::unique_ptr<llvm::DWARFContext> context_, aranges_;
  Units units_{*context_, *aranges_};
};

/// The line table of a unit.
class UnitLines {
 public:
  UnitLines(llvm::DWARFContext& context, llvm::DWARFUnit& unit);

  /// The row of an address; null when there is none.
  const llvm::DWARFDebugLine::Row* row(FileAddress address) const;
  /// The path of a file, given its index in the table; empty when there is none.
  std::string path(std::uint32_t file) const;
  /// Null when the unit has none.
  const llvm::DWARFDebugLine::LineTable* table() const { return table_; }

 private:
  const llvm::DWARFDebugLine::LineTable* table_;
  const char* folder_;
};

}  // namespace panicscan::symbolizer
