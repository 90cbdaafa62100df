#pragma once

#include "model/thread.h"

namespace panicscan {

/// Whether a process is a driver extension: its name is a bundle id, whole or cut off at 32
/// characters, as driver extensions' executables are named.
/// Source: the product name of Xcode's DriverKit template is its bundle id.
bool is_driver_extension(const Process& process);

}  // namespace panicscan
