#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace panicscan::render {

/// A change to a text: at `offset`, `removed` bytes give way to `text`.
struct Splice {
  std::uint32_t offset = 0;
  std::uint32_t removed = 0;
  std::string text;
};

/// Writes a text with changes in it; every other byte stays what it was. Changes may come in any
/// order; those at one place keep theirs; one that overlaps an earlier one is left out.
/// Cost: linear in the text, n log n in the changes.
void write_spliced(std::ostream& out, std::string_view text, std::vector<Splice> changes);
std::string spliced(std::string_view text, std::vector<Splice> changes);

}  // namespace panicscan::render
