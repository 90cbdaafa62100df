#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/fact.h"

namespace panicscan {

/// How bad: critical = the machine panicked or reset; high = a dext crashed or a device was lost;
/// medium = hang or degraded; low = configuration.
enum class Severity { critical, high, medium, low, info };

/// How sure, in words; from points: confirmed >= 80, likely 55-79, possible 30-54; less is not
/// shown.
enum class Certainty { confirmed, likely, possible };

/// One reason for or against a finding.
struct Reason {
  std::string says;
  int points = 0;  ///< negative = against; 0 = what would settle it (could not be evaluated)
  SourceRef where;
  std::uint32_t companion = 0;  ///< whose document `where` is in, as in Fact
};

/// A possible cause, the likeliest first, and what to do about it.
struct Cause {
  std::string text;
  std::string likelihood;   ///< "most likely", "possible"…; empty when not ranked
  std::string distinguish;  ///< what tells this cause from the others
  std::vector<std::string> fix;
};

/// What a rule concluded.
struct Finding {
  std::string rule;  ///< id, e.g. "dext/setpowerstate-timeout"
  std::string title;
  Severity severity = Severity::critical;
  Certainty certainty = Certainty::possible;
  int points = 0;
  std::string status;   ///< "experimental", "stable", "deprecated"
  std::string summary;  ///< one plain paragraph: what happened
  std::vector<Cause> causes;
  std::vector<std::string> fix;  ///< what helps whatever the cause
  std::vector<Reason> matched;   ///< what put the rule in play (points = its share of the base)
  std::vector<Reason> in_favour;
  std::vector<Reason> against;
  std::vector<Reason> settle;  ///< what could not be evaluated, and would settle it
  std::vector<std::string> references;
  std::vector<std::string> supersedes;  ///< rules of this report that this one explains
  std::string superseded_by;            ///< rule id, or empty
  bool is_fallback = false;             ///< "no rule knows this panic"
  std::vector<std::pair<std::string, Value>> captures;
};

/// A rule as lists and outputs show it.
struct RuleInfo {
  std::string id, title, status, origin;  ///< origin: "built-in" or a path
  Severity severity = Severity::critical;
};

}  // namespace panicscan
