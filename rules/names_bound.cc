#include "rules/names_bound.h"

#include "rules/describe.h"

namespace panicscan::rules {

std::vector<std::string> parts_of(const Predicate& predicate) {
  if (std::holds_alternative<FrameAsks>(predicate.asks)) return {"function", "image", "address"};
  if (std::holds_alternative<ImageAsks>(predicate.asks)) return {"name", "uuid", "kind"};
  if (std::holds_alternative<KextAsks>(predicate.asks)) return {"bundle", "version"};
  if (std::holds_alternative<ThreadAsks>(predicate.asks))
    return {"id", "name", "process", "queue", "wait"};
  std::vector<std::string> parts;
  if (const auto* fact = std::get_if<FactAsks>(&predicate.asks); fact && fact->schema)
    for (const FactField& field : fact->schema->fields) parts.emplace_back(field.name);
  return parts;
}

std::vector<std::string> names_bound(const Predicate& predicate) {
  if (const auto* group = std::get_if<GroupAsks>(&predicate.asks)) {
    // What does not hold binds nothing.
    if (group->kind == GroupKind::none) return {};
    return names_bound(group->of);
  }
  std::vector<std::string> names;
  // The expressions of `where` only compare.
  if (!std::holds_alternative<FactAsks>(predicate.asks))
    visit_patterns(predicate, [&](const Pattern& pattern) {
      for (const Capture& capture : pattern.captures()) names.push_back(capture.name);
    });
  if (!predicate.as.empty())
    for (const std::string& part : parts_of(predicate)) names.push_back(predicate.as + "." + part);
  return names;
}

std::vector<std::string> names_bound(const std::vector<Predicate>& predicates) {
  std::vector<std::string> names;
  for (const Predicate& predicate : predicates)
    for (std::string& name : names_bound(predicate)) names.push_back(std::move(name));
  return names;
}

}  // namespace panicscan::rules
