#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/expected.h"
#include "rules/bindings.h"
#include "rules/capture_types.h"

namespace panicscan::rules {

/// What a pattern binds when it fits.
struct Capture {
  std::string name;
  const CaptureType* type = nullptr;
  std::uint32_t offset = 0;  ///< in the pattern's text
};

/// Where a pattern fitted, and what it captured.
struct PatternMatch {
  std::uint32_t offset = 0;  ///< in the text that was searched
  std::uint32_t length = 0;
  std::vector<Binding> captures;
};

class Matcher;

/// A template, a name pattern or a regular expression. The only door to RE2.
///
/// Compiled when first needed, once, by whichever thread comes first; most rules of a run are
/// ruled out by their literals and never compiled (RE2 takes about 30 us for each).
class Pattern {
 public:
  /// A template that is looked for in lines.
  /// Errors: malformed; where.offset is a position in `text`.
  static Expected<Pattern> line_template(std::string_view text);
  /// A pattern that must fit a whole name: '*' stands for any characters.
  static Expected<Pattern> name_pattern(std::string_view text);
  /// An RE2 expression that is looked for in lines; groups without a type are text.
  /// Errors: malformed, for a type without a group. Syntax is found by compile().
  static Expected<Pattern> regex(
      std::string_view text, const std::vector<std::pair<std::string, const CaptureType*>>& types);

  const std::string& text() const;  ///< as written
  bool is_regex() const;
  std::span<const Capture> captures() const;
  /// Names that must be bound before.
  std::span<const Capture> references() const;
  /// Texts of which at least one occurs in everything that fits; empty when none is known.
  std::span<const std::string> literals() const;
  /// Whether it needs the whole text rather than one line.
  bool spans_lines() const;

  /// Compiles now. Errors: malformed, with RE2's words.
  Status compile() const;
  /// The pattern with its references filled in; nothing when one of them is not bound.
  std::optional<Matcher> with(const Bindings& bindings) const;

 private:
  friend class Matcher;
  struct Compiled;
  explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

/// A pattern ready to be tried on texts.
class Matcher {
 public:
  /// Called for each fit, the first one of each line; false = look further.
  using Accept = std::function<bool(const PatternMatch&)>;

  /// The first accepted fit; lines are tried from `begin` (a line's start) on.
  /// Cost: linear in the text; only lines that hold a literal are tried.
  std::optional<PatternMatch> find_in(std::string_view text, bool first_line_only,
                                      const Accept& accept) const;
  /// A fit of the whole name.
  std::optional<PatternMatch> fits(std::string_view name) const;

 private:
  friend class Pattern;
  explicit Matcher(std::shared_ptr<const Pattern::Compiled> compiled)
      : compiled_(std::move(compiled)) {}
  std::optional<PatternMatch> try_on(std::string_view text, bool whole) const;
  std::shared_ptr<const Pattern::Compiled> compiled_;
};

}  // namespace panicscan::rules
