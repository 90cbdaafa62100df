#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/json_tree.h"
#include "model/frame.h"
#include "model/report.h"

namespace panicscan::parsers {

/// Decides which addresses of a stack, innermost first, are exact: the first, what was inlined
/// there, and where a signal interrupted the thread. All others are return addresses.
void set_address_kinds(std::vector<Frame>& frames, bool starts_at_pc);

/// Which processor "ARM-64 (Native)", "X86-64 (Translated)" or "ARM" names.
Arch arch_of_code_type(std::string_view code_type);

/// Reads "0x0000000000000001, 0x000000018a98520c"; text that is no number is left out.
std::vector<std::uint64_t> read_exception_codes(std::string_view text);

/// A switch that is written as true, 1, "1", "enabled" or "yes".
bool is_set(JsonValue value);

}  // namespace panicscan::parsers
