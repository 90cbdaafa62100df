#pragma once

#include <optional>

#include "model/fact.h"
#include "model/ownership.h"

namespace panicscan::analysis {

/// Who holds up the others, from the wait-for graph: a third-party driver extension in a ring, one
/// that the kernel waits for, or one whose class keeps the registry busy. Nothing when the panic is
/// not about waiting, or the graph points at nobody.
std::optional<Culprit> culprit_of_waits(const Facts& facts, const Ownership& owners);

}  // namespace panicscan::analysis
