#pragma once

#include <llvm/ADT/STLFunctionalExtras.h>
#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/DebugInfo/DWARF/DWARFDebugLine.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/address.h"

namespace panicscan::symbolizer {

/// What a line program says of an address.
struct LineRow {
  std::uint32_t file = 1;  ///< index in the program's list of files
  std::uint32_t line = 1;  ///< 0: code of the compiler's own that belongs to no line
  std::uint32_t column = 0;
};

/// The line program of a unit, run for the addresses that are wanted and for no others: no table of
/// all rows is made. Of overlapping sequences the one that ends first has the say.
///
/// Source: DWARF 5, 6.2.
class LineProgram {
 public:
  /// `complain` is told what is wrong with the program's header.
  LineProgram(llvm::DWARFContext& context, llvm::DWARFUnit& unit,
              llvm::function_ref<void(llvm::Error)> complain);

  /// The row of each address, which ascend; nothing for those outside of all sequences.
  std::vector<std::optional<LineRow>> rows_of(std::span<const FileAddress> wanted);
  /// The path of a file; empty when there is none with that index.
  std::string path(std::uint32_t file) const;

 private:
  llvm::DWARFDebugLine::Prologue header_;
  std::string_view program_;  ///< empty: the unit has none
  const char* folder_;        ///< of the compilation; may be null
};

}  // namespace panicscan::symbolizer
