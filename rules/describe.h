#pragma once

#include <string>

#include "rules/rule.h"

namespace panicscan::rules {

/// What a predicate asks, in words: "the panic message reads …".
std::string describe(const Predicate& predicate);

/// "confirmed" and so on, for points.
Certainty certainty_of(int points);

/// Calls `visit` for a predicate and all predicates inside it.
template <typename Visit>
void visit_predicates(const Predicate& predicate, Visit&& visit) {
  visit(predicate);
  if (const auto* group = std::get_if<GroupAsks>(&predicate.asks))
    for (const Predicate& inner : group->of) visit_predicates(inner, visit);
}

/// All predicates of a rule: match, evidence, variants, groups included.
template <typename Visit>
void visit_predicates(const Rule& rule, Visit&& visit) {
  for (const Predicate& predicate : rule.match) visit_predicates(predicate, visit);
  for (const EvidenceRule& entry : rule.evidence) visit_predicates(entry.predicate, visit);
  for (const VariantRule& variant : rule.variants)
    for (const Predicate& predicate : variant.when) visit_predicates(predicate, visit);
}

/// Calls `visit` for every pattern a predicate holds itself.
template <typename Visit>
void visit_patterns(const Predicate& predicate, Visit&& visit) {
  const auto maybe = [&](const std::optional<Pattern>& pattern) {
    if (pattern) visit(*pattern);
  };
  if (const auto* message = std::get_if<MessageAsks>(&predicate.asks)) visit(message->pattern);
  if (const auto* field = std::get_if<FieldAsks>(&predicate.asks)) maybe(field->pattern);
  if (const auto* companion = std::get_if<CompanionAsks>(&predicate.asks))
    visit(companion->pattern);
  if (const auto* fact = std::get_if<FactAsks>(&predicate.asks))
    for (const Comparison& comparison : fact->where) maybe(comparison.pattern);
  if (const auto* frame = std::get_if<FrameAsks>(&predicate.asks))
    maybe(frame->function), maybe(frame->image);
  if (const auto* stack = std::get_if<StackAsks>(&predicate.asks))
    for (const auto& segment : stack->segments)
      for (const Pattern& pattern : segment) visit(pattern);
  if (const auto* image = std::get_if<ImageAsks>(&predicate.asks))
    maybe(image->name), maybe(image->bundle);
  if (const auto* kext = std::get_if<KextAsks>(&predicate.asks)) maybe(kext->bundle);
  if (const auto* thread = std::get_if<ThreadAsks>(&predicate.asks))
    maybe(thread->name), maybe(thread->queue), maybe(thread->process);
}

}  // namespace panicscan::rules
