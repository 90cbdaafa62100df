// rules list|check|doc|schema, and explain.

#include <algorithm>
#include <iostream>

#include "app/cli.h"
#include "app/examine.h"
#include "app/exit_code.h"
#include "app/rule_loading.h"
#include "base/text.h"

namespace panicscan::app {
namespace {

int fail(const Error& error) {
  std::cerr << "panicscan: " << error.message << '\n';
  return static_cast<int>(ExitCode::usage);
}

/// Loads the rules and prints what `print` makes of them.
template <typename Print>
int print_rules(const RuleOptions& options, Print&& print) {
  const auto set = load_rules(options, /*quiet=*/false, rules::Reading::whole);
  if (!set) return fail(set.error());
  std::cout << print(*set);
  return static_cast<int>(std::cout.flush() ? ExitCode::done : ExitCode::internal);
}

}  // namespace

int rules_list(const RuleOptions& options) {
  return print_rules(options, [](const rules::RuleSet& set) { return rules::list(set); });
}

int rules_doc(const RuleOptions& options) {
  return print_rules(options,
                     [](const rules::RuleSet& set) { return rules::catalog(set, rule_hooks()); });
}

int rules_schema() {
  std::cout << rules::schema(rule_hooks());
  return static_cast<int>(std::cout.flush() ? ExitCode::done : ExitCode::internal);
}

int rules_check(const RuleOptions& options) {
  std::vector<rules::RuleProblem> problems;
  const auto hooks = rule_hooks();
  const auto set = rules::RuleSet::load(options.directories, !options.no_builtin, hooks, problems,
                                        rules::Reading::strict);
  if (!set) return fail(set.error());
  const auto result = rules::check(*set, hooks);
  problems.insert(problems.end(), result.problems.begin(), result.problems.end());
  for (const auto& problem : problems) std::cerr << rules::format(problem);
  for (const auto& line : result.crossfire) std::cout << line << '\n';
  const auto errors =
      static_cast<std::size_t>(std::ranges::count_if(problems, &rules::RuleProblem::is_error));
  std::cout << "checked " << result.rules << " rules, " << result.examples
            << " examples: " << count_of(errors, "error") << '\n';
  return static_cast<int>(errors == 0 ? ExitCode::done : ExitCode::usage);
}

int explain(const RuleOptions& options, const std::string& id) {
  const auto set = load_rules(options, /*quiet=*/false, rules::Reading::whole);
  if (!set) return fail(set.error());
  const rules::Rule* rule = set->find(id);
  if (rule == nullptr) {
    std::cerr << "panicscan: there is no rule '" << id
              << "'; `panicscan rules list` prints them all\n";
    return static_cast<int>(ExitCode::usage);
  }
  std::cout << rules::explain(*rule);
  return static_cast<int>(std::cout.flush() ? ExitCode::done : ExitCode::internal);
}

}  // namespace panicscan::app
