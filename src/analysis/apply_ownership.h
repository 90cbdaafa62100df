#pragma once

#include "model/fact.h"
#include "model/ownership.h"
#include "model/symbols.h"

namespace panicscan::analysis {

/// The culprit in the light of what the user says of his own code: it is his, and this team looks
/// after it.
Culprit apply_ownership(Culprit culprit, const Symbols& symbols, const Ownership& owners);

}  // namespace panicscan::analysis
