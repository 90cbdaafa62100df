#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_tree.h"
#include "rules/keys.h"
#include "rules/problem.h"

namespace panicscan::rules {

/// What loading needs everywhere.
struct LoadContext {
  FileProblems& problems;
  const Hooks& hooks;
  bool strict = false;       ///< unknown keys are errors
  bool trusted = false;      ///< no check of keys and shapes: they have been checked
  bool compile_now = false;  ///< expressions at once, not when they are first needed
};

/// Checks that an object has only keys of the tables, all that are required, and that each value
/// has the shape its row says; nested tables included, predicates excepted (they are read by
/// load_predicate). What is wrong is reported; false when something was. Trusted files pass.
bool check_keys(JsonValue object, std::string_view what,
                std::initializer_list<std::span<const Key>> tables, LoadContext& context);

/// Whether one value has the shape of its row.
bool check_shape(JsonValue value, const Key& key, LoadContext& context);

/// The texts of a list of texts, or of a single text.
std::vector<std::string> texts_of(JsonValue value);
/// A text, or a list of lines joined by line breaks.
std::string text_of(JsonValue value);

}  // namespace panicscan::rules
