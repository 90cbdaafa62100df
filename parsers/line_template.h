#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/value.h"

namespace panicscan::parsers {

/// What a line's template captured, in the order of its holes.
using Captures = std::vector<std::pair<std::string, Value>>;

/// The kernel's own format string with typed holes:
///
///     Driver {subject:word} has crashed {count:number} time(s)
///
/// It is looked for anywhere in a line. A hole {name:type} takes
///   word          characters up to a blank, a quote, a comma, a semicolon or a bracket
///   text          what stands before the literal behind it; never empty
///   line          the rest of the line
///   number, pid, milliseconds, seconds   decimal digits
///   hex, address  hex digits, with or without 0x
/// A first hole, of type word, takes what stands before the first literal.
///
/// Cost: linear in the line.
class LineTemplate {
 public:
  explicit LineTemplate(std::string_view pattern);

  /// The values of the holes; nothing when the line does not hold the template.
  std::optional<Captures> match(std::string_view line) const;
  /// The longest literal: a line without it cannot match.
  std::string_view longest_literal() const;

 private:
  struct Hole {
    std::string_view name, type;
  };
  /// A hole and the literal behind it; of the first piece the hole may be missing.
  struct Piece {
    std::optional<Hole> hole;
    std::string_view literal;
  };
  std::vector<Piece> pieces_;
};

}  // namespace panicscan::parsers
