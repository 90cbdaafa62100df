#pragma once

#include <optional>
#include <vector>

#include "rules/rule.h"
#include "rules/shape.h"

namespace panicscan::rules {

/// Where a predicate stands, and so which keys may stand beside it.
enum class PredicatePlace { plain, alternative, evidence };

/// Reads one predicate object; nothing when it has errors, which are reported.
std::optional<Predicate> load_predicate(JsonValue object, PredicatePlace place,
                                        LoadContext& context);
/// Reads a list of them; those with errors are left out. `in_match`: alternatives of `any` may
/// carry a base.
std::vector<Predicate> load_predicates(JsonValue list, bool in_match, LoadContext& context);

/// A text with holes; a mistake in it is reported.
std::optional<HoleText> load_hole_text(JsonValue value, LoadContext& context);
std::vector<HoleText> load_hole_texts(JsonValue list, LoadContext& context);

}  // namespace panicscan::rules
