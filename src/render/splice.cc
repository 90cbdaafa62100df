#include "render/splice.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace panicscan::render {

void write_spliced(std::ostream& out, std::string_view text, std::vector<Splice> changes) {
  std::ranges::stable_sort(changes, {}, &Splice::offset);
  std::size_t done = 0;
  for (const Splice& change : changes) {
    if (change.offset < done || change.offset > text.size()) continue;
    out << text.substr(done, change.offset - done) << change.text;
    done = std::min(text.size(), std::size_t{change.offset} + change.removed);
  }
  out << text.substr(done);
}

std::string spliced(std::string_view text, std::vector<Splice> changes) {
  std::ostringstream out;
  write_spliced(out, text, std::move(changes));
  return std::move(out).str();
}

}  // namespace panicscan::render
