#pragma once

#include <vector>

#include "base/expected.h"
#include "model/placement.h"
#include "model/report.h"
#include "model/symbols.h"
#include "rules/rule.h"
#include "rules/rules.h"

namespace panicscan::rules {

/// A report made from an example, with what the later stages know about it.
struct BuiltExample {
  Report report;
  std::vector<Placement> placements;
  Symbols symbols;
  std::vector<Companion> companions;
  Facts facts;

  Subject subject() const { return {report, placements, symbols, facts, companions}; }
};

/// Makes a report from an example, through the same doors as parsers use, and analyses it.
/// Errors: usage, when a hook that it needs is missing, or a line cannot be read.
Expected<BuiltExample> build_example(const Example& example, const Hooks& hooks);

}  // namespace panicscan::rules
