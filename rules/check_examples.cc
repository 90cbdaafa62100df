#include <algorithm>

#include "base/text.h"
#include "model/names.h"
#include "rules/check.h"
#include "rules/describe.h"
#include "rules/example.h"
#include "rules/match.h"
#include "rules/predicates.h"

namespace panicscan::rules {
namespace {

/// Why a rule does not fire, for the author.
std::string why_silent(const Rule& rule, const BuiltExample& built, const RuleSet& rules) {
  const Subject subject = built.subject();
  const View view(subject, rules.message_literals());
  if (std::ranges::find(rule.applies_to, built.report.kind) == rule.applies_to.end())
    return "the example is of kind " + std::string(to_string(built.report.kind)) +
           ", to which the rule does not apply";
  Bindings bound;
  for (const Predicate& predicate : rule.match) {
    const Outcome outcome = evaluate(predicate, view, bound);
    if (outcome.truth == Truth::no) return "this does not hold: " + describe(predicate);
    if (outcome.truth == Truth::unknown) return "this cannot be evaluated: " + describe(predicate);
    bound.add(outcome.binds);
  }
  if (const auto finding = match_rule(rule, view))
    if (finding->points < kShownPoints)
      return "match holds, but the points are only " + std::to_string(finding->points);
  return "a fallback is silent when another rule fires";
}

/// Whether a value is what an author wrote: "20004", "0x1f", "words", "true".
bool is_expected(const Value& value, const std::string& written) {
  if (format(value) == written) return true;
  if (const auto* truth = std::get_if<bool>(&value.data))
    return written == (*truth ? "true" : "false");
  const auto number = value.as_number();
  return number && parse_number(written) == number;
}

void check_expectations(const Example& example, const Finding& finding, CheckContext& context) {
  const std::string of = "example \"" + example.name + "\": ";
  std::vector<std::string> names;
  for (const auto& [name, value] : finding.captures) names.push_back(name);
  for (const Expectation& expectation : example.expect) {
    const auto found = std::ranges::find(names, expectation.name);
    if (found == names.end()) {
      context.problems.error(
          expectation.offset, of + "nothing bound {" + expectation.name + "}",
          did_you_mean(expectation.name, names, names.empty() ? "" : "bound: " + joined(names)));
      continue;
    }
    const Value& value = finding.captures[static_cast<std::size_t>(found - names.begin())].second;
    if (!is_expected(value, expectation.value))
      context.problems.error(expectation.offset, of + "{" + expectation.name + "} is \"" +
                                                     format(value) + "\", not \"" +
                                                     expectation.value + "\"");
  }
  if (example.certainty && finding.certainty != *example.certainty)
    context.problems.error(example.offset,
                           of + "the finding is " + std::string(to_string(finding.certainty)) +
                               " with " + std::to_string(finding.points) + " points, not " +
                               std::string(to_string(*example.certainty)));
  if (!example.superseded_by.empty() && finding.superseded_by != example.superseded_by)
    context.problems.error(example.offset,
                           of +
                               (finding.superseded_by.empty()
                                    ? "the finding is not superseded"
                                    : "the finding is superseded by " + finding.superseded_by) +
                               ", expected by " + example.superseded_by);
}

}  // namespace

void check_example(const Rule& rule, const Example& example, CheckContext& context,
                   std::vector<std::string>& crossfire) {
  if (example.sample && !context.hooks.read_sample) {
    context.problems.remark(example.offset,
                            "example \"" + example.name + "\" names a sample, which was not read");
    return;
  }
  const auto built = build_example(example, context.hooks);
  if (!built) {
    context.problems.error(example.offset,
                           "example \"" + example.name + "\": " + built.error().message);
    return;
  }
  const std::vector<Finding> findings = match(context.rules, built->subject());
  const auto own = std::ranges::find(findings, rule.id, &Finding::rule);
  if (!example.must_match) {
    if (own != findings.end())
      context.problems.error(example.offset,
                             "example \"" + example.name + "\" must not make the rule fire: " +
                                 std::to_string(own->points) + " points",
                             own->matched.empty() ? "" : own->matched.front().says);
    return;
  }
  if (own == findings.end())
    context.problems.error(example.offset,
                           "example \"" + example.name + "\" does not make the rule fire",
                           why_silent(rule, *built, context.rules));
  else
    check_expectations(example, *own, context);
  for (const Finding& finding : findings)
    if (finding.rule != rule.id)
      crossfire.push_back(finding.rule + " fires on example '" + example.name + "' of " + rule.id);
}

}  // namespace panicscan::rules
