#pragma once

#include <optional>

#include "analysis/analysis.h"

namespace panicscan::analysis {

/// The innermost frame of a stack that lies in no library of the system.
std::optional<Index<Frame>> own_frame(const Input& input, IndexRange<Frame> stack);

}  // namespace panicscan::analysis
