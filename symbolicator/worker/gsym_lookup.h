#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "symbolicator/worker/dwarf_stream.h"
#include "symbolicator/worker/open_gsym.h"

namespace panicscan::symbolizer {

/// What a cache file says about a batch of addresses.
struct GsymNames {
  DwarfNames names;
  std::vector<std::size_t> to_ask;  ///< positions of addresses that only the DWARF can answer
};

/// Looks ascending addresses up in an open cache file, on as many threads as are of use; `image` is
/// what the cache is of.
///
/// Nothing when the file is damaged anywhere that matters: then the DWARF is to be read.
/// Cost: the pieces that hold one of the addresses.
std::optional<GsymNames> read_gsym(const OpenGsym& file, const ImageSymbols& image,
                                   std::span<const FileAddress> addresses, unsigned threads);

}  // namespace panicscan::symbolizer
