#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "rules/bindings.h"

namespace panicscan::rules {

/// A part of a template or of a text with holes: literal characters, or a hole.
struct Piece {
  bool is_hole = false;
  std::string text;          ///< the literal, or the hole's name
  std::string type;          ///< of a hole: what stands behind ':'; may be empty
  std::uint32_t offset = 0;  ///< in the text it was read from
};

/// Takes "at pc {pc:address}, {{ literal" apart.
/// Errors: malformed, with where.offset = position in the text: a hole that is not closed, or
/// whose name is no name.
Expected<std::vector<Piece>> split_holes(std::string_view text);

/// A sentence with holes.
struct HoleText {
  std::string source;         ///< as written
  std::vector<Piece> pieces;  ///< holes have no type
  std::uint32_t offset = 0;   ///< of the JSON value in the rule file

  /// The sentence with all holes filled; nothing when one has no value in this report.
  std::optional<std::string> fill(const Bindings& bindings) const;
};

/// Joins sentences by blanks, leaving out those with a hole that has no value.
std::string fill_all(const std::vector<HoleText>& texts, const Bindings& bindings);

}  // namespace panicscan::rules
