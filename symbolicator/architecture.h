#pragma once

#include <cstdint>
#include <string>

namespace panicscan::symbols {

/// The name of a Mach-O cputype and cpusubtype: "arm64e"; "cpu 0x7" for what has no name here.
/// Capability bits of the subtype (the pointer-authentication version) do not matter.
///
/// Source: mach/machine.h of xnu (CPU_TYPE_*, CPU_SUBTYPE_*).
std::string architecture_name(std::uint32_t type, std::uint32_t subtype);

}  // namespace panicscan::symbols
