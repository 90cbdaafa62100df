#include "app/rule_loading.h"

#include <algorithm>
#include <iostream>

#include "app/examine.h"
#include "base/text.h"

namespace panicscan::app {

Expected<rules::RuleSet> load_rules(const RuleOptions& options, bool quiet,
                                    rules::Reading reading) {
  std::vector<rules::RuleProblem> problems;
  auto set = rules::RuleSet::load(options.directories, !options.no_builtin, rule_hooks(), problems,
                                  reading);
  if (!set) return Error{ErrorCode::usage, set.error().message, {}};
  for (const auto& problem : problems)
    if (problem.is_error || !quiet) std::cerr << rules::format(problem);
  const auto errors =
      static_cast<std::size_t>(std::ranges::count_if(problems, &rules::RuleProblem::is_error));
  if (errors > 0)
    return Error{
        ErrorCode::usage, count_of(errors, "error") + " in the rules; nothing was analysed", {}};
  return set;
}

}  // namespace panicscan::app
