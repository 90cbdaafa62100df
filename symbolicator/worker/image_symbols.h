#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "symbolicator/worker/macho_file.h"
#include "symbolicator/worker/names.h"
#include "symbolicator/worker/symbol_table.h"

namespace panicscan::symbolizer {

/// What an image's symbol table says, read when it is first asked for; several threads may ask.
class ImageSymbols {
 public:
  explicit ImageSymbols(const FoundImage& image) : image_(image) {}

  const SymbolTable& table() const;
  /// A linkage name as its author would write it: demangled, and without what iig added to it.
  std::string for_people(std::string_view linkage) const;

 private:
  FoundImage image_;
  mutable std::once_flag table_read_, iig_read_;
  mutable std::optional<SymbolTable> table_;
  mutable IigClasses iig_;
};

}  // namespace panicscan::symbolizer
