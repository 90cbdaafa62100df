#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/placement.h"

namespace panicscan::analysis {

/// What a fault address looks like: "null", "near-null", "poison", "ascii", "iova", "user",
/// "kernel-text", "kernel-heap", "kernel", "non-canonical" or "unknown".
std::string_view classify_address(std::uint64_t address, const Placer& placer);

/// What such an address tells about the pointer that was used.
std::string address_meaning(std::string_view address_class, std::uint64_t address);

}  // namespace panicscan::analysis
