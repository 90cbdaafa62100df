#pragma once

#include <string>
#include <vector>

#include "rules/rule.h"

namespace panicscan::rules {

/// All names a predicate can bind: captures of its patterns, and the parts of what `as` names.
std::vector<std::string> names_bound(const Predicate& predicate);
/// Those of several predicates.
std::vector<std::string> names_bound(const std::vector<Predicate>& predicates);
/// What `as` offers for one kind of predicate.
std::vector<std::string> parts_of(const Predicate& predicate);

}  // namespace panicscan::rules
