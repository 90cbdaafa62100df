#pragma once

#include "parsers/panic_state.h"

namespace panicscan::parsers {

/// Reads on behind "DCP PANIC - …" and "SEP Panic: …": what the coprocessor's firmware says about
/// itself, up to the first line of the kernel. Addresses in there are the firmware's, so all of it
/// becomes fields: by their names, or as "coprocessor".
void open_coprocessor_lines(PanicState& state);

}  // namespace panicscan::parsers
