#pragma once

#include <span>

#include "model/case.h"

namespace panicscan::analysis {

/// What follows from a report. Runs every analysis of the table in analyze.cc, in order.
/// Facts found once are not edited by later analyses.
Facts analyze(const Report& report, std::span<const Placement> placements, const Symbols& symbols,
              std::span<const Companion> companions = {}, const Ownership& owners = {});

/// Every kind of fact there is, sorted by name: for rule checks and the reference page.
std::span<const FactSchema* const> schemas();

}  // namespace panicscan::analysis
