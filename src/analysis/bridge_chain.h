#pragma once

#include "analysis/analysis.h"

namespace panicscan::analysis {

/// The bridges between a port that a panic names and its devices.
extern const Analysis kBridgeChain;

}  // namespace panicscan::analysis
