#pragma once

#include <llvm/DebugInfo/DWARF/DWARFCompileUnit.h>
#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/DebugInfo/DWARF/DWARFDebugAranges.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "model/address.h"

namespace panicscan::symbolizer {

/// The compile units of an image, each made when it is asked for.
///
/// LLVM reads the header of every unit before it gives out the first. In a kernel's dSYM they lie
/// all over 150 MB, and one address would cost most of the time and memory that all of them do. A
/// dSYM's .debug_aranges say which unit has which code, and with that where units begin: only
/// what they leave unsaid is asked of LLVM.
class Units {
 public:
  /// Both must outlive this. `aranges_only` has no section but .debug_aranges.
  Units(llvm::DWARFContext& context, llvm::DWARFContext& aranges_only);

  /// The unit that has the code at an address; null when none has.
  llvm::DWARFUnit* of_code(FileAddress address);
  /// The unit that begins at an offset of .debug_info; null when none can.
  llvm::DWARFUnit* at(std::uint64_t offset);
  /// The unit around an offset of .debug_info; null when there is none.
  llvm::DWARFUnit* around(std::uint64_t offset);

 private:
  llvm::DWARFContext& context_;
  llvm::DWARFDebugAranges aranges_;
  std::vector<std::uint64_t> starts_;  ///< of units, as far as they are known, ascending
  llvm::DWARFUnitVector none_;         ///< what LLVM wants to know of a unit's neighbours
  std::unordered_map<std::uint64_t, std::unique_ptr<llvm::DWARFCompileUnit>> units_;
};

}  // namespace panicscan::symbolizer
