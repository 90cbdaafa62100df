#pragma once

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

#include "app/examine.h"
#include "base/source.h"
#include "model/validate.h"
#include "render/render.h"

namespace panicscan::fuzzing {

/// The rules, loaded once.
inline const rules::RuleSet& built_in_rules() {
  static const rules::RuleSet rules = [] {
    std::vector<rules::RuleProblem> problems;
    auto set = rules::RuleSet::load({}, true, app::rule_hooks(), problems);
    if (!set) std::abort();
    return *std::move(set);
  }();
  return rules;
}

/// The whole way of one input: parse, check the invariants, diagnose, print in every format.
/// Aborts when an invariant does not hold.
inline void examine_everything(std::string text) {
  auto examined = app::examine(source_from_text("input", std::move(text)), built_in_rules());
  if (!examined) return;
  const auto broken = validate(examined->report);
  for (const std::string& sentence : broken)
    std::fprintf(stderr, "invariant: %s\n", sentence.c_str());
  if (!broken.empty()) std::abort();
  for (const auto& format : render::output_formats()) {
    std::ostringstream out;
    format.render(out, *examined, {.color = true, .full = true});
  }
}

}  // namespace panicscan::fuzzing
