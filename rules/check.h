#pragma once

#include <span>
#include <string_view>

#include "base/json_tree.h"
#include "rules/problem.h"
#include "rules/rule.h"
#include "rules/rules.h"

namespace panicscan::rules {

/// What a check of one rule works with.
struct CheckContext {
  const RuleSet& rules;
  const Hooks& hooks;
  JsonValue root;  ///< the rule file, for positions
  FileProblems& problems;
};

/// One named check. The next check is one row in check.cc.
struct Check {
  std::string_view name;
  std::string_view meaning;
  void (*run)(const Rule& rule, CheckContext& context);
};

std::span<const Check> checks();

// Checks of names and patterns, in check_names.cc.
void check_holes(const Rule& rule, CheckContext& context);
void check_references_in_patterns(const Rule& rule, CheckContext& context);
void check_evidence_names(const Rule& rule, CheckContext& context);
void check_patterns(const Rule& rule, CheckContext& context);

/// Whether an example behaves; and which other rules fire on it, as lines of the cross-fire
/// matrix. In check_examples.cc.
void check_example(const Rule& rule, const Example& example, CheckContext& context,
                   std::vector<std::string>& crossfire);

}  // namespace panicscan::rules
