#pragma once

#include "base/expected.h"
#include "symbolicator/protocol.h"
#include "symbolicator/worker/open_gsym.h"

namespace panicscan::symbolizer {

/// What a file contains, from its headers alone.
symbols::Message identify(const symbols::IdentifyRequest& request);

/// Names for addresses of one image: from DWARF where it has any, from the symbol table for the
/// rest. A LookupReply, or a Failure that says why there is none.
/// A cache is used where it is of use, and told of where it is not; `cache` is the one that was
/// used last.
symbols::Message look_up(const symbols::LookupRequest& request, unsigned threads, OpenGsym& cache);

/// The DWARF of some compile units as GSYM. A ConvertReply, or a Failure.
symbols::Message convert(const symbols::ConvertRequest& request, unsigned threads);

}  // namespace panicscan::symbolizer
