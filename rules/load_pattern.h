#pragma once

#include <optional>
#include <string>

#include "rules/pattern.h"
#include "rules/shape.h"

namespace panicscan::rules {

/// Templates, names and expressions of a rule file; mistakes are reported at their very place.
std::optional<Pattern> load_template(JsonValue value, LoadContext& context);
std::optional<Pattern> load_name(JsonValue value, LoadContext& context);
/// `captures` is the object of capture types, or absent.
std::optional<Pattern> load_regex(JsonValue value, JsonValue captures, LoadContext& context);

/// Where byte `at` of a decoded text stands in the rule file.
std::uint32_t offset_in(JsonValue value, std::uint32_t at);

}  // namespace panicscan::rules
