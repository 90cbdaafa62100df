#pragma once

#include "app/cli.h"
#include "base/expected.h"
#include "rules/rules.h"

namespace panicscan::app {

/// Loads the rules a command was asked to use and prints the problems of single rules to stderr.
/// Errors: usage, when a directory cannot be read or a given rule file has an error: a rule that
/// is silently missing would look like a machine that is fine.
Expected<rules::RuleSet> load_rules(const RuleOptions& options, bool quiet, rules::Reading reading);

}  // namespace panicscan::app
