#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "model/companion.h"
#include "model/fact.h"
#include "model/finding.h"
#include "model/placement.h"
#include "model/report.h"
#include "model/symbols.h"

namespace panicscan::rules {

struct Rule;       // rules/rule.h
class LiteralSet;  // rules/literal.h

/// Something the loader or the checker has to say about a rule file, lnav-shaped when printed:
/// file:line:column, what is wrong, the line with a caret, what to do.
struct RuleProblem {
  bool is_error = true;
  std::string file;
  std::uint32_t line = 0, column = 0;
  std::string message;
  std::string source_line;  ///< the offending line, for the caret; may be empty
  std::string help;
};
std::string format(const RuleProblem& problem);

/// Functions that rules need from layers they must not know; given by app and tests.
struct Hooks {
  std::span<const FactSchema* const> schemas;  ///< facts that exist, to check names and types
  std::function<Expected<WaitEdge>(std::string_view)> parse_wait;  ///< for `waits` in examples
  /// Report → placements, symbols, facts: so that an example is judged like a real report.
  std::function<Facts(const Report&, std::span<const Placement>, const Symbols&,
                      std::span<const Companion>)>
      analyze;
  /// Reads an example that names a sample, or gives a whole panic text; may be empty.
  std::function<Expected<Report>(std::string_view text)> parse_report;
  /// The bytes of a file below samples/; may be empty: such examples are not judged then.
  std::function<Expected<std::string>(std::string_view path)> read_sample;
};

/// What a rule looks at: everything known about one report.
struct Subject {
  const Report& report;
  std::span<const Placement> placements;
  const Symbols& symbols;
  const Facts& facts;
  std::span<const Companion> companions = {};  ///< other files of the incident
};

/// How carefully rule files are read.
enum class Reading {
  quick,   ///< to judge reports: built-in rules are taken at their word, their examples left out
  whole,   ///< everything; unknown keys are remarks
  strict,  ///< everything, expressions compiled at once; unknown keys are errors
};

/// An immutable set of rules.
class RuleSet {
 public:
  /// Loads the built-in rules (unless told not to), then the directories, in which a rule of the
  /// same id replaces a built-in one (reported as a problem that is no error).
  /// Problems of single rules go to `problems`; such rules are left out.
  /// Errors: unreadable, for a directory that cannot be read.
  static Expected<RuleSet> load(const std::vector<std::string>& directories, bool builtin,
                                const Hooks& hooks, std::vector<RuleProblem>& problems,
                                Reading reading = Reading::whole);

  std::span<const std::shared_ptr<const Rule>> rules() const { return rules_; }  ///< sorted by id
  const Rule* find(std::string_view id) const;
  std::vector<RuleInfo> infos() const;
  /// SHA-256 over ids and contents: names the rule set in every output.
  const std::string& hash() const { return hash_; }
  /// The literals of all message patterns, looked for at once in each report.
  const LiteralSet& message_literals() const;

 private:
  std::vector<std::shared_ptr<const Rule>> rules_;
  std::shared_ptr<const LiteralSet> message_literals_;
  std::string hash_;
};

/// All findings of at least 30 points (`possible`), most important first, superseded ones last.
std::vector<Finding> match(const RuleSet& rules, const Subject& subject);

/// `rules check`: every named check over the set, each rule's examples, and the cross-fire matrix.
struct CheckResult {
  std::vector<RuleProblem> problems;
  std::vector<std::string> crossfire;  ///< "rule-a fires on example 'x' of rule-b", sorted
  std::size_t rules = 0, examples = 0;
};
CheckResult check(const RuleSet& rules, const Hooks& hooks);

/// `explain ID`: what the rule asks, means, and advises, as plain text.
std::string explain(const Rule& rule);
/// `rules list`: one line a rule.
std::string list(const RuleSet& rules);
/// `rules doc`: the catalogue as Markdown.
std::string catalog(const RuleSet& rules, const Hooks& hooks);
/// `rules schema`: JSON Schema of a rule file, from the loader's table of fields.
std::string schema(const Hooks& hooks);

}  // namespace panicscan::rules
