#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/uuid.h"
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

/// Why a frame has a name, or none.
enum class SymbolStatus {
  not_looked_up,      ///< nobody was asked: no symbols were given, or the report's own name serves
  named,              ///< found
  no_symbols,         ///< no file with the image's UUID is known
  uuid_mismatch,      ///< only files of another build are there
  near_match,         ///< named from another build, because --allow-near-match asked for it
  no_image,           ///< the address belongs to no image the report names
  outside_image,      ///< the address lies outside the code of the file with that UUID
  shared_cache,       ///< in the dyld shared cache, for which there is no file
  no_name,            ///< the file was read and knows no name for the address
  symbolizer_failed,  ///< the file killed the worker, or cost more than it may
};

/// Names for an address that is no frame: a register, the caller of panic(), a continuation.
struct AddressSymbols {
  Address address;  ///< the report's number
  SymbolStatus status = SymbolStatus::not_looked_up;
  std::vector<Symbol> names;  ///< innermost first
};

/// What became of one image's symbols, for the SYMBOLS section.
struct ImageSymbols {
  std::string image;  ///< "kernel", a bundle id, a name, or the UUID
  std::optional<Uuid> uuid;
  bool in_kernel_space = false;
  SymbolStatus status = SymbolStatus::not_looked_up;
  std::string path;          ///< the file the names come from, or the near miss
  std::string remedy;        ///< what to get and from where, one sentence; empty when named
  std::uint32_t frames = 0;  ///< of the report that lie in the image
  std::uint32_t named = 0;   ///< of those with a name
};

/// Names for the frames of a report: an overlay, parallel to Report::frames.
class Symbols {
 public:
  Symbols() = default;
  /// No names yet, for a report with that many frames.
  explicit Symbols(std::size_t frames) : by_frame_(frames), status_(frames) {}

  /// The names of a frame, innermost first; empty when it has none.
  std::span<const Symbol> of(Index<Frame> frame) const;
  void set(Index<Frame> frame, std::vector<Symbol> names);
  /// Keeps names that several frames have in common; give the result to share().
  std::uint32_t add(std::vector<Symbol> names);
  void share(Index<Frame> frame, std::uint32_t names);
  /// What add() was given.
  const std::vector<Symbol>& names(std::uint32_t added) const { return names_[added]; }
  /// What add() gave for the names of a frame; 0 when it has none. Below lists().
  std::uint32_t list_of(Index<Frame> frame) const;
  /// How many different lists of names there are.
  std::size_t lists() const { return names_.size(); }
  SymbolStatus status(Index<Frame> frame) const;
  void set_status(Index<Frame> frame, SymbolStatus status);

  /// What is known of an address that is no frame; null when nobody asked for it.
  const AddressSymbols* find(Address address) const;

  /// Addresses that are no frames, ascending.
  std::vector<AddressSymbols> others;
  /// What became of each image, those with most frames first; empty when nobody was asked.
  std::vector<ImageSymbols> images;
  /// Remarks on symbol files and on slides that look wrong.
  std::vector<std::string> notes;

 private:
  std::vector<std::vector<Symbol>> names_ = std::vector<std::vector<Symbol>>(1);  ///< [0]: none
  std::vector<std::uint32_t> by_frame_;  ///< positions in names_
  std::vector<SymbolStatus> status_;
};

/// The names that the report itself carries ("IOLog + 0x12", keepsyms panics).
Symbols symbols_in_report(const Report& report);

}  // namespace panicscan
