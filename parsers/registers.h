#pragma once

#include <string_view>
#include <vector>

#include "model/panic.h"
#include "parsers/panic_state.h"

namespace panicscan::parsers {

/// The registers named on one line of a dump, arm64, arm or x86: "  x0: 0x1 x1:  0x2", "RAX: 0x1,
/// …". Empty when the line is no such line; "lr: … fp: …" alone is a backtrace row, and no dump.
std::vector<Register> read_register_line(std::string_view line);

/// Reads a line of a register dump into the panic's register sets; false when it is none.
bool take_register_line(PanicState& state, const TextLine& line);

}  // namespace panicscan::parsers
