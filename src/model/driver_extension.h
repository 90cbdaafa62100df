#pragma once

#include <string_view>

#include "model/thread.h"

namespace panicscan {

/// Whether a process is a driver extension: its name is a bundle id, whole or cut off at 32
/// characters, as driver extensions' executables are named.
/// Source: the product name of Xcode's DriverKit template is its bundle id.
bool is_driver_extension(const Process& process);

/// Whether the name of a process is the beginning of a longer one, cut where the kernel cuts names.
/// Source: xnu bsd/sys/proc_internal.h, proc_name_t (2 * MAXCOMLEN).
bool is_cut_name_of(std::string_view process, std::string_view whole);

/// Report::format of a source file of a driver extension.
inline constexpr std::string_view kDriverSourceFormat = "driver-source";

}  // namespace panicscan
