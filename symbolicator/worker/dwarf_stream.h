#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/address.h"
#include "symbolicator/protocol.h"
#include "symbolicator/worker/image_symbols.h"
#include "symbolicator/worker/macho_file.h"
#include "symbolicator/worker/string_table.h"

namespace panicscan::symbolizer {

/// What the DWARF of an image says about a batch of addresses.
struct DwarfNames {
  /// What one thread found. In its frames `linkage` and `file` count in its own tables, and
  /// `function` is not set yet.
  struct Part {
    StringTable linkages, files;
    symbols::Texts names;  ///< for people, of each of `linkages`
    std::vector<symbols::NameFrame> frames;

    /// Makes the names that are still missing, which takes longer than finding most of them.
    void make_names(const ImageSymbols& image);
  };
  /// The frames of an address, innermost first.
  struct Chain {
    std::uint32_t part = 0, first = 0, count = 0;
  };

  std::vector<Part> parts;
  std::vector<Chain> chains;       ///< one for each address
  std::vector<std::string> notes;  ///< damage that was stepped over
};

/// Names, lines and inlined callers of ascending addresses; `image` is that of the slice.
///
/// Example: 100,000 frames of a stackshot are some 2,500 different addresses in some 300 of a
/// kernel's 2,500 compile units. The addresses are grouped by unit, each of these units is read
/// once from front to back (see walk_unit), its line table is decoded and thrown away again. Units
/// are shared out over threads when there is enough to read; each thread has its own DWARFContext,
/// since LLVM's are not made for sharing.
DwarfNames read_dwarf(const ImageSlice& slice, const ImageSymbols& image,
                      std::span<const FileAddress> addresses, unsigned threads);

}  // namespace panicscan::symbolizer
