#pragma once

#include <optional>

#include "rules/rule.h"
#include "rules/view.h"

namespace panicscan::rules {

/// Fewer points are not shown.
inline constexpr int kShownPoints = 30;

/// One rule over one report: its finding, however many points; nothing when `match` does not hold
/// or the rule is not for this kind of report.
std::optional<Finding> match_rule(const Rule& rule, const View& view);

}  // namespace panicscan::rules
