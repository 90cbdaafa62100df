#include <algorithm>

#include "rules/check.h"
#include "rules/describe.h"
#include "rules/names_bound.h"

namespace panicscan::rules {
namespace {

using Names = std::vector<std::string>;

/// A literal shorter than this hardly rules anything out.
constexpr std::size_t kShortLiteral = 4;

Names together(Names a, const Names& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void check_text(const HoleText& text, const Names& bound, CheckContext& context) {
  for (const Piece& piece : text.pieces) {
    if (!piece.is_hole || std::ranges::find(bound, piece.text) != bound.end()) continue;
    Names distinct = bound;
    std::ranges::sort(distinct);
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    context.problems.error(piece.offset, "nothing binds {" + piece.text + "} here",
                           did_you_mean(piece.text, distinct,
                                        distinct.empty() ? "no predicate captures anything"
                                                         : "bound here: " + joined(distinct)));
  }
}

void check_texts(const std::vector<HoleText>& texts, const Names& bound, CheckContext& context) {
  for (const HoleText& text : texts) check_text(text, bound, context);
}

void check_causes(const std::vector<CauseRule>& causes, const Names& bound, CheckContext& context) {
  for (const CauseRule& cause : causes) {
    check_text(cause.text, bound, context);
    if (cause.distinguish) check_text(*cause.distinguish, bound, context);
    check_texts(cause.fix, bound, context);
  }
}

void check_references(const Predicate& predicate, const Names& bound, CheckContext& context) {
  visit_predicates(predicate, [&](const Predicate& inner) {
    visit_patterns(inner, [&](const Pattern& pattern) {
      for (const Capture& reference : pattern.references())
        if (std::ranges::find(bound, reference.name) == bound.end())
          context.problems.error(
              inner.offset,
              "the pattern \"" + pattern.text() + "\" refers to {" + reference.name +
                  "}, which nothing before it captures",
              did_you_mean(reference.name, bound,
                           "write {" + reference.name + ":type} to capture it here"));
    });
  });
}

}  // namespace

void check_holes(const Rule& rule, CheckContext& context) {
  const Names of_match = names_bound(rule.match);
  Names all = of_match;
  for (const Predicate& predicate : rule.match)
    visit_predicates(predicate, [&](const Predicate& inner) {
      if (inner.says) check_text(*inner.says, of_match, context);
    });
  for (const EvidenceRule& entry : rule.evidence) {
    const Names own = names_bound(entry.predicate);
    if (entry.predicate.says) check_text(*entry.predicate.says, together(of_match, own), context);
    if (entry.says_missing) check_text(*entry.says_missing, of_match, context);
    if (entry.says_nameless) check_text(*entry.says_nameless, of_match, context);
    all = together(std::move(all), own);
  }
  check_texts(rule.explain, all, context);
  check_texts(rule.fix, all, context);
  check_causes(rule.causes, all, context);
  for (const VariantRule& variant : rule.variants) {
    const Names here = together(all, names_bound(variant.when));
    check_texts(variant.explain, here, context);
    check_texts(variant.fix, here, context);
    check_causes(variant.causes, here, context);
  }
}

void check_references_in_patterns(const Rule& rule, CheckContext& context) {
  Names bound;
  for (const Predicate& predicate : rule.match) {
    // Inside `all`, later entries see earlier ones; that much is allowed everywhere in a group.
    check_references(predicate,
                     std::holds_alternative<GroupAsks>(predicate.asks)
                         ? together(bound, names_bound(predicate))
                         : bound,
                     context);
    bound = together(std::move(bound), names_bound(predicate));
  }
  for (const EvidenceRule& entry : rule.evidence)
    check_references(entry.predicate,
                     std::holds_alternative<GroupAsks>(entry.predicate.asks)
                         ? together(bound, names_bound(entry.predicate))
                         : bound,
                     context);
  Names all = bound;
  for (const EvidenceRule& entry : rule.evidence)
    all = together(std::move(all), names_bound(entry.predicate));
  for (const VariantRule& variant : rule.variants)
    for (const Predicate& predicate : variant.when) check_references(predicate, all, context);
}

void check_evidence_names(const Rule& rule, CheckContext& context) {
  Names seen;
  const Names of_match = names_bound(rule.match);
  for (const EvidenceRule& entry : rule.evidence) {
    Names own = names_bound(entry.predicate);
    std::ranges::sort(own);
    own.erase(std::unique(own.begin(), own.end()), own.end());
    for (const std::string& name : own) {
      if (std::ranges::find(of_match, name) != of_match.end()) continue;
      if (std::ranges::find(seen, name) != seen.end())
        context.problems.error(entry.predicate.offset,
                               "{" + name + "} is bound by two evidence entries",
                               "entries have no order: give the second another name");
      seen.push_back(name);
    }
  }
}

void check_patterns(const Rule& rule, CheckContext& context) {
  visit_predicates(rule, [&](const Predicate& predicate) {
    visit_patterns(predicate, [&](const Pattern& pattern) {
      if (const Status compiled = pattern.compile(); !compiled)
        context.problems.error(
            predicate.offset,
            "the pattern \"" + pattern.text() + "\" does not compile: " + compiled.error().message);
    });
    const auto* message = std::get_if<MessageAsks>(&predicate.asks);
    // A fallback has to look at every message.
    if (message == nullptr || rule.fallback) return;
    const auto literals = message->pattern.literals();
    const bool is_short = literals.empty() || std::ranges::any_of(literals, [](const auto& l) {
                            return l.size() < kShortLiteral;
                          });
    if (is_short)
      context.problems.remark(
          predicate.offset,
          "the pattern \"" + message->pattern.text() +
              "\" has no literal of four characters to look for first",
          "spell more of the message, so that most reports are ruled out without the pattern");
  });
}

}  // namespace panicscan::rules
