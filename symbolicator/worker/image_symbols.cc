#include "symbolicator/worker/image_symbols.h"

namespace panicscan::symbolizer {

const SymbolTable& ImageSymbols::table() const {
  std::call_once(table_read_, [&] { table_.emplace(image_.slice->bytes, *image_.image); });
  return *table_;
}

std::string ImageSymbols::for_people(std::string_view linkage) const {
  if (may_be_iig(linkage)) {
    std::call_once(iig_read_, [&] { iig_ = IigClasses(table().functions()); });
    if (const auto written = iig_.as_written(linkage)) return *written;
  }
  return demangled(linkage);
}

}  // namespace panicscan::symbolizer
