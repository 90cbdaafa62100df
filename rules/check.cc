#include "rules/check.h"

#include <algorithm>
#include <array>
#include <set>

#include "rules/match.h"

namespace panicscan::rules {
namespace {

void check_title(const Rule& rule, CheckContext& context) {
  for (const auto& other : context.rules.rules())
    if (other->id < rule.id && other->title == rule.title)
      context.problems.error(context.root["title"].offset(),
                             "the title is that of " + other->id + " as well",
                             "say what is particular about this one");
}

void check_supersedes(const Rule& rule, CheckContext& context) {
  std::vector<std::string> ids;
  for (const auto& other : context.rules.rules()) ids.push_back(other->id);
  context.root["supersedes"].for_each([&](JsonValue value) {
    const std::string id = value.as_string().value_or("");
    if (context.rules.find(id) == nullptr)
      context.problems.error(value.offset(), "there is no rule \"" + id + "\" to supersede",
                             did_you_mean(id, ids));
  });
  // Follow the edges; meeting the start again is a cycle.
  std::set<std::string> seen;
  std::vector<std::string> open = rule.supersedes;
  while (!open.empty()) {
    const Rule* next = context.rules.find(open.back());
    open.pop_back();
    if (next == nullptr || !seen.insert(next->id).second) continue;
    if (next->id == rule.id) {
      context.problems.error(context.root["supersedes"].key_offset(),
                             "the rule supersedes itself, directly or by way of others",
                             "remove one of the steps of the cycle");
      return;
    }
    open.insert(open.end(), next->supersedes.begin(), next->supersedes.end());
  }
}

void check_fix(const Rule& rule, CheckContext& context) {
  const bool has_fix = !rule.fix.empty() || std::ranges::any_of(rule.causes, [](const auto& c) {
    return !c.fix.empty();
  });
  if (rule.severity <= Severity::high && !has_fix && !rule.fallback)
    context.problems.error(context.root["severity"].offset(), "a rule this severe needs a \"fix\"",
                           "say in \"fix\", or in a cause, what people can do");
}

void check_stable(const Rule& rule, CheckContext& context) {
  if (rule.status != "stable") return;
  const bool is_real = std::ranges::any_of(
      rule.examples, [](const Example& e) { return e.must_match && (e.sample || e.panic_text); });
  if (!is_real)
    context.problems.error(context.root["status"].offset(),
                           "a stable rule needs a match example with \"sample\" or \"panic_text\"",
                           "a message alone is not proof enough; else keep it experimental");
  if (!rule.has_false_positives)
    context.problems.error(context.root["status"].offset(),
                           "a stable rule states its \"false_positives\", even if there are none");
}

void check_reference_list(const Rule& rule, CheckContext& context) {
  if (rule.references.empty())
    context.problems.error(context.root["references"].offset(), "\"references\" is empty",
                           "name the source file, page or section the knowledge comes from");
}

void check_points(const Rule& rule, CheckContext& context) {
  int most = rule.base;
  for (const Predicate& predicate : rule.match)
    if (const auto* group = std::get_if<GroupAsks>(&predicate.asks))
      for (const Predicate& alternative : group->of)
        most = std::max(most, alternative.base.value_or(0));
  for (const EvidenceRule& entry : rule.evidence) most += std::max(0, entry.points);
  if (most < kShownPoints)
    context.problems.error(
        context.root["base"].offset(),
        "with at most " + std::to_string(most) + " points the rule is never shown",
        "findings below " + std::to_string(kShownPoints) + " are not shown");
}

void check_example_list(const Rule& rule, CheckContext& context) {
  const auto count = [&](bool must_match) {
    return std::ranges::count(rule.examples, must_match, &Example::must_match);
  };
  if (count(true) == 0)
    context.problems.error(context.root["examples"].offset(), "there is no \"match\" example",
                           "add a report in miniature on which the rule fires");
  if (count(false) == 0)
    context.problems.error(context.root["examples"].offset(), "there is no \"no_match\" example",
                           "add the nearest report on which the rule must stay silent");
  std::set<std::string> names;
  for (const Example& example : rule.examples)
    if (!names.insert(example.name).second)
      context.problems.error(example.offset, "two examples are named \"" + example.name + "\"");
}

constexpr std::array kChecks{
    Check{"title", "no two rules have the same title", check_title},
    Check{"holes", "every {name} of a sentence is bound", check_holes},
    Check{"references-in-patterns", "every {name} of a pattern was captured before",
          check_references_in_patterns},
    Check{"evidence-names", "no two evidence entries bind the same name", check_evidence_names},
    Check{"patterns", "patterns compile, and have something literal to look for", check_patterns},
    Check{"points", "the rule can reach the points that are shown", check_points},
    Check{"supersedes", "superseded rules exist, and nothing supersedes itself", check_supersedes},
    Check{"fix", "severities critical and high say what to do", check_fix},
    Check{"stable", "a stable rule has a real example and states its false positives",
          check_stable},
    Check{"references", "the knowledge comes from somewhere", check_reference_list},
    Check{"examples", "there is a match and a no_match example", check_example_list},
};

}  // namespace

std::span<const Check> checks() { return kChecks; }

CheckResult check(const RuleSet& rules, const Hooks& hooks) {
  CheckResult result;
  JsonLimits limits;
  limits.allow_comments = true;
  for (const auto& rule : rules.rules()) {
    const auto tree = JsonTree::parse(rule->text, 0, limits);
    FileProblems problems(rule->file, rule->text, result.problems);
    CheckContext context{rules, hooks, tree ? tree->root() : JsonValue(), problems};
    for (const Check& check : checks()) check.run(*rule, context);
    for (const Example& example : rule->examples) {
      check_example(*rule, example, context, result.crossfire);
      ++result.examples;
    }
    ++result.rules;
  }
  std::ranges::sort(result.crossfire);
  return result;
}

}  // namespace panicscan::rules
