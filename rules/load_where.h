#pragma once

#include <vector>

#include "rules/rule.h"
#include "rules/shape.h"

namespace panicscan::rules {

/// The pseudo-field that every fact has: "reported" or "inferred".
inline constexpr std::string_view kOriginField = "origin";

/// Reads `where`: each field must be one of the schema's, each constant of its type.
std::vector<Comparison> load_where(JsonValue where, const FactSchema& schema, LoadContext& context);

}  // namespace panicscan::rules
