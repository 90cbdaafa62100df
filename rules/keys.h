#pragma once

#include <span>
#include <string_view>

namespace panicscan::rules {

/// What stands behind a key of a rule file.
enum class Shape {
  integer,
  boolean,
  line,           ///< a text
  lines,          ///< a list of texts
  line_or_lines,  ///< a text, or a list of texts
  choice,         ///< one of `choices`
  choices,        ///< a list of those
  object,         ///< an object of `table`
  objects,        ///< a list of those
  predicates,     ///< a list of predicates
  conditions,     ///< `where`: field → constant or comparisons
  text_map,       ///< free names → text
  lines_map,      ///< free names → text or list of texts
  value_map,      ///< free names → text, integer or boolean
  constant,       ///< a text, an integer or a boolean
  constants,      ///< a list of those
};

struct KeyTable;

/// One key: the row that loading, the schema and the reference page are made from.
struct Key {
  std::string_view name;
  Shape shape = Shape::line;
  bool required = false;
  std::string_view meaning;
  std::span<const std::string_view> choices = {};
  const KeyTable* table = nullptr;
  int least = 0, most = 1'000'000;  ///< of an integer
};

/// The keys of one kind of object.
struct KeyTable {
  std::string_view name;  ///< "rule", "evidence entry"…, in messages and in the schema
  std::span<const Key> keys;
};

/// A predicate: the key that makes an object one, and the keys that may stand beside it.
struct PredicateKeys {
  Key key;
  std::span<const Key> beside;
};

const KeyTable& rule_keys();
std::span<const PredicateKeys> predicate_keys();
/// What may stand in any predicate of `match` and `when`, in an alternative of `any`, in
/// `evidence`.
std::span<const Key> match_keys();
std::span<const Key> alternative_keys();
std::span<const Key> evidence_keys();
/// The comparisons of `where`, by name.
const KeyTable& comparison_keys();

}  // namespace panicscan::rules
