#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/address.h"
#include "symbolicator/worker/macho_file.h"

namespace panicscan::symbolizer {

/// A function as the symbol table and LC_FUNCTION_STARTS know it.
struct FunctionSymbol {
  std::string_view name;  ///< without the leading underscore; empty when it was stripped
  FileAddress start;
};

/// The functions of an image that has no DWARF, or of code that was compiled without.
///
/// A symbol table says where functions begin, not where they end. A name reaches to the next
/// symbol, the next function start or the end of its section, whichever is first: in a stripped
/// binary the code behind the last symbol belongs to functions without a name, and saying the
/// name of an unrelated neighbour would be a lie.
class SymbolTable {
 public:
  /// Cost: one pass over the entries and a sort; some milliseconds for a kernel.
  SymbolTable(std::string_view slice, const Image& image);

  /// The function that holds an address; nothing when no section with code holds it, or nothing
  /// is known to begin before it.
  std::optional<FunctionSymbol> find(FileAddress address) const;

  /// Every name, as find() gives them, in the order of addresses.
  const std::vector<FunctionSymbol>& functions() const { return symbols_; }

 private:
  std::vector<FunctionSymbol> symbols_;  ///< ascending, one for each address
  std::vector<FileAddress> starts_;      ///< ascending
  std::vector<Section> code_;
};

}  // namespace panicscan::symbolizer
