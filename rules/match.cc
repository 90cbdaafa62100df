#include "rules/match.h"

#include <algorithm>
#include <set>

#include "rules/describe.h"
#include "rules/predicates.h"
#include "rules/rules.h"

namespace panicscan::rules {
namespace {

constexpr int kMostPoints = 99;
/// A match that rests on inferred facts is never confirmed.
constexpr int kMostWhenInferred = 79;
/// A fallback is never more than possible.
constexpr int kMostOfFallback = 54;

/// Gives each reason of the match its share of the base; the first takes what does not divide.
void share(std::vector<Reason>& reasons, int base) {
  if (reasons.empty()) return;
  const int count = static_cast<int>(reasons.size());
  for (Reason& reason : reasons) reason.points = base / count;
  reasons.front().points += base % count;
}

/// What people can add to a report; nothing for what only the report itself could have told.
std::string_view remedy(Lack lack) {
  switch (lack) {
    case Lack::stackshot:
      return "a stackshot (the full .ips)";
    case Lack::names:
      return "symbols for the backtraces";
    case Lack::thread_names:
      return "symbols for the threads of the stackshot";
    case Lack::companion:
      return "a companion file";
    case Lack::other:
      break;
  }
  return {};
}

/// What would settle an entry that could not be evaluated, in the rule's words or in general ones.
std::optional<Reason> settling(const EvidenceRule& entry, Lack lack, const Bindings& bound) {
  const auto& own = lack == Lack::thread_names ? entry.says_nameless : entry.says_missing;
  if (own)
    if (auto says = own->fill(bound)) return Reason{*std::move(says), 0, {}};
  const std::string_view what = remedy(lack);
  if (what.empty()) return std::nullopt;
  const auto says = entry.predicate.says ? entry.predicate.says->fill(bound) : std::nullopt;
  return Reason{
      std::string(what) + " would show whether " + says.value_or(describe(entry.predicate)), 0, {}};
}

std::vector<std::string> fill_list(const std::vector<HoleText>& texts, const Bindings& bound) {
  std::vector<std::string> filled;
  for (const HoleText& text : texts)
    if (auto one = text.fill(bound)) filled.push_back(*std::move(one));
  return filled;
}

std::vector<Cause> fill_causes(const std::vector<CauseRule>& causes, const Bindings& bound) {
  std::vector<Cause> filled;
  for (const CauseRule& cause : causes) {
    auto text = cause.text.fill(bound);
    if (!text) continue;
    const auto distinguish = cause.distinguish ? cause.distinguish->fill(bound) : std::nullopt;
    filled.push_back({*std::move(text), cause.likelihood, distinguish.value_or(""),
                      fill_list(cause.fix, bound)});
  }
  return filled;
}

/// The rule's own words, or those of the first variant that holds.
void set_words(Finding& finding, const Rule& rule, const View& view, const Bindings& bound) {
  finding.title = rule.title;
  finding.severity = rule.severity;
  const auto* explain = &rule.explain;
  const auto* causes = &rule.causes;
  const auto* fix = &rule.fix;
  Bindings all = bound;
  for (const VariantRule& variant : rule.variants) {
    const Outcome when = evaluate_all(variant.when, view, bound);
    if (when.truth != Truth::yes) continue;
    all.add(when.binds);
    if (!variant.title.empty()) finding.title = variant.title;
    if (variant.severity) finding.severity = *variant.severity;
    if (!variant.explain.empty()) explain = &variant.explain;
    if (!variant.causes.empty()) causes = &variant.causes;
    if (!variant.fix.empty()) fix = &variant.fix;
    break;
  }
  finding.summary = fill_all(*explain, all);
  finding.causes = fill_causes(*causes, all);
  finding.fix = fill_list(*fix, all);
  for (const Binding& binding : all.all())
    finding.captures.emplace_back(binding.name, binding.value);
}

/// Everything a rule supersedes, directly or by way of others, present or not.
std::set<std::string> explained_by(const RuleSet& rules, const std::string& id) {
  std::set<std::string> reached;
  std::vector<std::string> open{id};
  while (!open.empty()) {
    const Rule* rule = rules.find(open.back());
    open.pop_back();
    if (rule == nullptr) continue;
    for (const std::string& next : rule->supersedes) {
      const Rule* other = rules.find(next);
      const std::string& name = other == nullptr ? next : other->id;
      if (reached.insert(name).second) open.push_back(name);
    }
  }
  return reached;
}

/// Marks what is explained by another finding. Two that explain each other both stand.
void supersede(const RuleSet& rules, std::vector<Finding>& findings) {
  std::vector<std::set<std::string>> explains;
  for (const Finding& finding : findings) explains.push_back(explained_by(rules, finding.rule));
  for (std::size_t i = 0; i < findings.size(); ++i) {
    for (std::size_t k = 0; k < findings.size(); ++k) {
      if (i == k || !explains[i].contains(findings[k].rule) ||
          explains[k].contains(findings[i].rule))
        continue;
      findings[i].supersedes.push_back(findings[k].rule);
    }
    std::ranges::sort(findings[i].supersedes);
  }
  // Of several that explain it, the one named is itself explained by none; the sort order picks.
  for (std::size_t k = 0; k < findings.size(); ++k) {
    const auto explained = [&](std::size_t of) {
      return std::ranges::any_of(findings, [&](const Finding& f) {
        return std::ranges::binary_search(f.supersedes, findings[of].rule);
      });
    };
    for (std::size_t i = 0; i < findings.size(); ++i)
      if (std::ranges::binary_search(findings[i].supersedes, findings[k].rule) &&
          (findings[k].superseded_by.empty() || !explained(i))) {
        findings[k].superseded_by = findings[i].rule;
        if (!explained(i)) break;
      }
  }
}

bool comes_first(const Finding& a, const Finding& b) {
  const bool a_superseded = !a.superseded_by.empty();
  const bool b_superseded = !b.superseded_by.empty();
  if (a_superseded != b_superseded) return b_superseded;
  if (a.is_fallback != b.is_fallback) return b.is_fallback;
  if (a.severity != b.severity) return a.severity < b.severity;
  if (a.points != b.points) return a.points > b.points;
  return a.rule < b.rule;
}

}  // namespace

std::optional<Finding> match_rule(const Rule& rule, const View& view) {
  if (std::ranges::find(rule.applies_to, view.subject().report.kind) == rule.applies_to.end())
    return std::nullopt;
  Outcome matched = evaluate_all(rule.match, view, {});
  if (matched.truth != Truth::yes) return std::nullopt;

  Bindings bound;
  bound.add(matched.binds);
  const Bindings of_match = bound;
  const int base = matched.base.value_or(rule.base);
  Finding finding;
  finding.rule = rule.id;
  finding.status = rule.status;
  finding.is_fallback = rule.fallback;
  finding.references = rule.references;
  finding.matched = std::move(matched.reasons);
  share(finding.matched, base);

  int points = base;
  for (const EvidenceRule& entry : rule.evidence) {
    // Entries do not see each other's captures, so that their order means nothing.
    Outcome outcome = evaluate(entry.predicate, view, of_match);
    if (outcome.truth == Truth::no) continue;
    if (outcome.truth == Truth::unknown) {
      auto settle = settling(entry, outcome.lack, of_match);
      if (settle &&
          std::ranges::find(finding.settle, settle->says, &Reason::says) == finding.settle.end())
        finding.settle.push_back(*std::move(settle));
      continue;
    }
    points += entry.points;
    bound.add(outcome.binds);
    Reason reason = outcome.reasons.empty() ? Reason{} : outcome.reasons.front();
    reason.points = entry.points;
    if (reason.says.empty()) reason.says = describe(entry.predicate);
    (entry.points > 0 ? finding.in_favour : finding.against).push_back(std::move(reason));
  }
  finding.points = std::clamp(points, 0, kMostPoints);
  if (matched.is_inferred) finding.points = std::min(finding.points, kMostWhenInferred);
  if (rule.fallback) finding.points = std::min(finding.points, kMostOfFallback);
  finding.certainty = certainty_of(finding.points);
  set_words(finding, rule, view, bound);
  return finding;
}

std::vector<Finding> match(const RuleSet& rules, const Subject& subject) {
  const View view(subject, rules.message_literals());
  std::vector<Finding> findings;
  for (const auto& rule : rules.rules()) {
    auto finding = match_rule(*rule, view);
    if (finding && finding->points >= kShownPoints) findings.push_back(*std::move(finding));
  }
  const bool known = std::ranges::any_of(findings, [](const Finding& f) { return !f.is_fallback; });
  if (known) std::erase_if(findings, [](const Finding& f) { return f.is_fallback; });
  std::ranges::sort(findings, comes_first);
  supersede(rules, findings);
  // A fallback that another one explains better has nothing left to say.
  const auto is_idle = [](const Finding& f) { return f.is_fallback && !f.superseded_by.empty(); };
  for (const Finding& idle : findings)
    if (is_idle(idle))
      for (Finding& finding : findings) std::erase(finding.supersedes, idle.rule);
  std::erase_if(findings, is_idle);
  std::ranges::sort(findings, comes_first);
  return findings;
}

}  // namespace panicscan::rules
