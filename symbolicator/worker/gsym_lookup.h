#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "symbolicator/scan.h"
#include "symbolicator/worker/dwarf_stream.h"

namespace panicscan::symbolizer {

/// What a cache file says about a batch of addresses.
struct GsymNames {
  DwarfNames names;
  std::vector<std::size_t> to_ask;  ///< positions of addresses that only the DWARF can answer
};

/// Looks ascending addresses up in a cache file that was made of `source`, on as many threads as
/// are of use.
///
/// Nothing when the file is missing, damaged anywhere that matters, or was made of another file or
/// of one that has changed since: then the DWARF is to be read.
/// Cost: the index, and the pieces that hold one of the addresses.
std::optional<GsymNames> read_gsym(const std::string& path, const std::string& source,
                                   const symbols::FileStamp& stamp, const Uuid& uuid,
                                   std::span<const FileAddress> addresses, unsigned threads);

}  // namespace panicscan::symbolizer
