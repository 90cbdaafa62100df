#pragma once

#include <optional>
#include <string_view>

#include "model/report.h"

namespace panicscan::analysis {

/// The address behind `label` in the first line of a message: "at pc 0x…", "Kernel trap at 0x…".
std::optional<Address> address_behind(std::string_view message, std::string_view label);

/// Where the processor was when it took the exception that the message is about; nothing when the
/// panic is no exception. Only the message can say that: an assertion may dump registers as well.
std::optional<Address> fault_pc(const Panic& panic);

/// The register dump that belongs to the exception: the one with that pc, else the first
/// that no other CPU printed; null when there is none.
const RegisterSet* fault_registers(const Panic& panic);

/// The frames of the thread that panicked; null when the report has none.
const Backtrace* panicked_backtrace(const Panic& panic);

}  // namespace panicscan::analysis
