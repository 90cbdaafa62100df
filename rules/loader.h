#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"
#include "rules/rules.h"

namespace panicscan::rules {

/// A rule file to be loaded.
struct RuleFile {
  std::string file;  ///< how problems name it
  std::string path;  ///< below its rule folder: "dext/x.json"; the id must be its beginning
  std::string text;
  std::string origin;  ///< "built-in", or the file's path
  bool is_builtin = false;
};

/// Reads one rule. Everything wrong goes to `problems`, with file, line and column.
/// Returns null when there was an error. Expressions of built-in rules are compiled when needed
/// (their test compiles all); those of other files at once, so that a mistake is told at once.
/// Quick reading stops before the examples of a built-in rule; they are its last key.
std::shared_ptr<const Rule> load_rule(const RuleFile& file, const Hooks& hooks, Reading reading,
                                      std::vector<RuleProblem>& problems);

}  // namespace panicscan::rules
