#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/ids.h"
#include "model/report.h"

namespace panicscan {

/// Where a name was found.
enum class SymbolOrigin { dwarf, gsym, symbol_table, report };

/// One name of a frame; inlined callees come before their callers.
struct Symbol {
  std::string function;
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool is_inlined = false;
  SymbolOrigin from = SymbolOrigin::report;
  std::uint64_t offset = 0;  ///< bytes from the start of the function
};

/// Names for the frames of a report: an overlay, parallel to Report::frames.
class Symbols {
 public:
  Symbols() = default;
  /// No names yet, for a report with that many frames.
  explicit Symbols(std::size_t frames) : by_frame_(frames) {}

  /// The names of a frame, innermost first; empty when it has none.
  std::span<const Symbol> of(Index<Frame> frame) const;
  void set(Index<Frame> frame, std::vector<Symbol> names);

 private:
  std::vector<std::vector<Symbol>> by_frame_;
};

/// The names that the report itself carries ("IOLog + 0x12", keepsyms panics).
Symbols symbols_in_report(const Report& report);

}  // namespace panicscan
