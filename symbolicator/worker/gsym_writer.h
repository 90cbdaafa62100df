#pragma once

#include "base/expected.h"
#include "symbolicator/protocol.h"
#include "symbolicator/worker/macho_file.h"

namespace panicscan::symbolizer {

/// What the DWARF of an image says about every address of its code, as GSYM; from `first_unit` on
/// as many compile units as make a reply of some ten megabytes.
///
/// Each piece holds functions of one unit that follow each other: small enough that a lookup reads
/// little, and nothing of one unit is kept while the next is read. Code about which GSYM cannot say
/// all that the DWARF does (functions that overlap, lines beyond a million, damage) is only marked:
/// what is in the pieces is what read_dwarf would answer.
///
/// Errors: malformed, when the DWARF as a whole is damaged.
/// Cost: a unit's scopes and line table in memory, for each thread.
Expected<symbols::ConvertReply> write_gsym(const ImageSlice& slice, std::uint32_t first_unit,
                                           unsigned threads);

}  // namespace panicscan::symbolizer
