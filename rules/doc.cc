// `rules doc`: the catalogue as Markdown, the same text for the same rules.

#include <algorithm>
#include <map>

#include "model/names.h"
#include "rules/describe.h"
#include "rules/keys.h"
#include "rules/rules.h"

namespace panicscan::rules {
namespace {

/// Text that is to stand in Markdown as it is.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '_' || c == '<' || c == '>' || c == '`' || c == '[' ||
        c == ']')
      out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string area_of(const std::string& id) { return id.substr(0, id.find('/')); }

/// The anchor GitHub makes of a heading that is an id.
std::string anchor(const std::string& id) {
  std::string out;
  for (const char c : id)
    if (c != '/') out += c;
  return out;
}

void bullets(std::string& out, std::string_view head, const std::vector<std::string>& items) {
  if (items.empty()) return;
  out += "**" + std::string(head) + "**\n\n";
  for (const std::string& item : items) out += "- " + plain(item) + "\n";
  out += "\n";
}

std::vector<std::string> sources(const std::vector<HoleText>& texts) {
  std::vector<std::string> out;
  for (const HoleText& text : texts) out.push_back(text.source);
  return out;
}

void causes(std::string& out, const std::vector<CauseRule>& list) {
  if (list.empty()) return;
  out += "**Causes**\n\n";
  for (std::size_t i = 0; i < list.size(); ++i) {
    const CauseRule& cause = list[i];
    out += std::to_string(i + 1) + ". " + plain(cause.text.source);
    if (!cause.likelihood.empty()) out += " (" + plain(cause.likelihood) + ")";
    out += "\n";
    if (cause.distinguish) out += "   - tell it by: " + plain(cause.distinguish->source) + "\n";
    for (const HoleText& fix : cause.fix) out += "   - fix: " + plain(fix.source) + "\n";
  }
  out += "\n";
}

/// A predicate as a bullet; the parts of a group below it.
void asks(std::string& out, const Predicate& predicate, const std::string& indent) {
  const std::string base =
      predicate.base ? " (base " + std::to_string(*predicate.base) + ")" : std::string();
  const auto* group = std::get_if<GroupAsks>(&predicate.asks);
  if (group == nullptr) {
    out += indent + "- " + plain(describe(predicate)) + base + "\n";
    return;
  }
  const std::string_view head = group->kind == GroupKind::any    ? "one of these:"
                                : group->kind == GroupKind::none ? "none of these:"
                                                                 : "all of these:";
  out += indent + "- " + std::string(head) + base + "\n";
  for (const Predicate& inner : group->of) asks(out, inner, indent + "  ");
}

void paragraphs(std::string& out, const std::vector<HoleText>& texts) {
  for (const HoleText& text : texts) out += plain(text.source) + "\n";
  if (!texts.empty()) out += "\n";
}

/// The first example that fires, as a quotation.
void first_example(std::string& out, const Rule& rule) {
  const auto example = std::ranges::find(rule.examples, true, &Example::must_match);
  if (example == rule.examples.end()) return;
  std::string text = example->message ? *example->message : example->panic_text.value_or("");
  if (text.empty()) {
    if (example->sample) out += "Example: `" + *example->sample + "`\n\n";
    return;
  }
  const std::size_t end = text.find('\n');
  out += "Example (" + plain(example->name) + "):\n\n```\n" + text.substr(0, end) +
         (end == std::string::npos ? "" : "\n…") + "\n```\n\n";
}

void rule_section(std::string& out, const Rule& rule) {
  out += "### " + rule.id + "\n\n";
  out += "*" + plain(rule.title) + ".* Severity " + std::string(to_string(rule.severity)) + ", " +
         rule.status + (rule.fallback ? ", fallback" : "") + ".\n\n";
  paragraphs(out, rule.explain);
  out += "**Asks**\n\n";
  for (const Predicate& predicate : rule.match) asks(out, predicate, "");
  out += "\n";
  if (!rule.evidence.empty()) {
    out += "| points | when |\n|---|---|\n";
    if (rule.base > 0) out += "| " + std::to_string(rule.base) + " | base |\n";
    for (const EvidenceRule& entry : rule.evidence)
      out +=
          "| " + std::string(entry.points > 0 ? "+" : "") + std::to_string(entry.points) + " | " +
          plain(entry.predicate.says ? entry.predicate.says->source : describe(entry.predicate)) +
          " |\n";
    out += "\n";
  }
  causes(out, rule.causes);
  bullets(out, "Fix", sources(rule.fix));
  for (const VariantRule& variant : rule.variants) {
    std::string when;
    for (const Predicate& predicate : variant.when)
      when += (when.empty() ? "" : ", and ") + describe(predicate);
    out += "**Special case** when " + plain(when) + ":\n\n";
    if (!variant.title.empty()) out += "*" + plain(variant.title) + "*\n\n";
    paragraphs(out, variant.explain);
    causes(out, variant.causes);
    bullets(out, "Fix", sources(variant.fix));
  }
  bullets(out, "Explains better than", rule.supersedes);
  bullets(out, "Looks the same and is not", rule.false_positives);
  bullets(out, "References", rule.references);
  first_example(out, rule);
}

void fact_tables(std::string& out, const Hooks& hooks) {
  out += "## Facts\n\nWhat rules can ask with `{\"fact\": …, \"where\": …}`.\n\n";
  for (const FactSchema* schema : hooks.schemas) {
    out += "### `" + std::string(schema->name) + "`\n\n" + plain(schema->meaning) + "\n\n";
    out += "| field | type | meaning |\n|---|---|---|\n";
    for (const FactField& field : schema->fields)
      out += "| `" + std::string(field.name) + "` | " + std::string(to_string(field.type)) + " | " +
             plain(field.meaning) + " |\n";
    out += "\n";
  }
}

void capture_table(std::string& out) {
  out += "## Capture types\n\n| type | fits | becomes | sample |\n|---|---|---|---|\n";
  for (const CaptureType& type : capture_types())
    out += "| `" + std::string(type.name) + "` | " + std::string(type.meaning) + " | " +
           std::string(to_string(type.value)) + " | `" + std::string(type.sample) + "` |\n";
  out += "\n";
}

}  // namespace

std::string catalog(const RuleSet& rules, const Hooks& hooks) {
  std::map<std::string, std::vector<const Rule*>> areas;
  for (const auto& rule : rules.rules()) areas[area_of(rule->id)].push_back(rule.get());

  std::string out =
      "# The rules\n\nMade by `panicscan rules doc`; do not edit. How to write one: "
      "[README.md](README.md).\n\n";
  out += std::to_string(rules.rules().size()) + " rules";
  for (const auto& [area, list] : areas)
    out += (area == areas.begin()->first ? ": " : ", ") + std::to_string(list.size()) + " " + area;
  out += ".\n\n";
  for (const auto& [area, list] : areas) {
    out += "## " + area + "\n\n| rule | severity | status | says |\n|---|---|---|---|\n";
    for (const Rule* rule : list)
      out += "| [" + rule->id + "](#" + anchor(rule->id) + ") | " +
             std::string(to_string(rule->severity)) + " | " + rule->status + " | " +
             plain(rule->title) + " |\n";
    out += "\n";
    for (const Rule* rule : list) rule_section(out, *rule);
  }
  fact_tables(out, hooks);
  capture_table(out);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace panicscan::rules
