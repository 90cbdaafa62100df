#pragma once

#include "parsers/panic_state.h"

namespace panicscan::parsers {

/// Keeps what the kernel remarks on CPUs and pointers while it panics: "cpu 3 failed to halt with
/// error -5: …", "CPU 1 panic trap number 0xe, …", "Invalid thread pointer: 0x… (size 12)".
bool take_cpu_remark(PanicState& state, const TextLine& line);

}  // namespace panicscan::parsers
