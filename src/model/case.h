#pragma once

#include <string>
#include <vector>

#include "base/source.h"
#include "model/companion.h"
#include "model/fact.h"
#include "model/finding.h"
#include "model/ownership.h"
#include "model/placement.h"
#include "model/report.h"
#include "model/symbols.h"

namespace panicscan {

/// Everything known about one report after examine(): the only thing renderers see.
struct Case {
  Source source;
  std::string sha256;  ///< of the input's bytes, lower-case hex
  Report report;
  std::vector<Placement> placements;  ///< parallel to report.frames
  Symbols symbols;
  std::vector<Companion> companions;  ///< other files of the incident, in order of their paths
  Facts facts;
  std::vector<Finding> findings;  ///< most important first; superseded ones last
  std::vector<RuleInfo> rules;    ///< that were asked
  std::string rules_hash;         ///< content hash of the rule set
  Ownership owners;               ///< whose code is whose, as far as the user said
};

}  // namespace panicscan
