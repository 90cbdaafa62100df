// `explain ID` and `rules list`: rules as plain text.

#include <algorithm>

#include "model/names.h"
#include "rules/describe.h"
#include "rules/rules.h"

namespace panicscan::rules {
namespace {

constexpr std::size_t kWidth = 98;

/// Appends a paragraph behind `lead`, wrapped, further lines indented under the first.
void paragraph(std::string& out, std::string_view lead, std::string_view text) {
  const std::string indent(lead.size(), ' ');
  std::string line(lead);
  bool is_empty = true;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!is_empty && line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line = indent;
      is_empty = true;
    }
    if (!is_empty) line += ' ';
    line += word;
    is_empty = false;
  }
  out += line + "\n";
}

std::string signed_points(int points) { return (points > 0 ? "+" : "") + std::to_string(points); }

void heading(std::string& out, std::string_view text) { out += "\n" + std::string(text) + "\n"; }

void list(std::string& out, std::string_view head, const std::vector<std::string>& items) {
  if (items.empty()) return;
  heading(out, head);
  for (const std::string& item : items) paragraph(out, "  - ", item);
}

std::vector<std::string> sources(const std::vector<HoleText>& texts) {
  std::vector<std::string> out;
  for (const HoleText& text : texts) out.push_back(text.source);
  return out;
}

void list_causes(std::string& out, std::string_view head, const std::vector<CauseRule>& causes) {
  if (causes.empty()) return;
  heading(out, head);
  for (std::size_t i = 0; i < causes.size(); ++i) {
    const CauseRule& cause = causes[i];
    const std::string likelihood = cause.likelihood.empty() ? "" : " (" + cause.likelihood + ")";
    paragraph(out, "  " + std::to_string(i + 1) + ". ", cause.text.source + likelihood);
    if (cause.distinguish) paragraph(out, "     tell it by: ", cause.distinguish->source);
    for (const HoleText& fix : cause.fix) paragraph(out, "     - ", fix.source);
  }
}

void ask_lines(std::string& out, const Predicate& predicate, const std::string& indent) {
  const auto* group = std::get_if<GroupAsks>(&predicate.asks);
  const std::string base =
      predicate.base ? " (base " + std::to_string(*predicate.base) + ")" : std::string();
  if (group == nullptr) {
    paragraph(out, indent + "- ", describe(predicate) + base);
    return;
  }
  const std::string_view head = group->kind == GroupKind::any    ? "one of these:"
                                : group->kind == GroupKind::none ? "none of these:"
                                                                 : "all of these:";
  paragraph(out, indent + "- ", std::string(head) + base);
  for (const Predicate& inner : group->of) ask_lines(out, inner, indent + "  ");
}

}  // namespace

std::string explain(const Rule& rule) {
  std::string out = rule.id + "\n" + rule.title + "\n\n";
  std::string kinds;
  for (const ReportKind kind : rule.applies_to)
    kinds += (kinds.empty() ? "" : ", ") + std::string(to_string(kind));
  out += "severity    " + std::string(to_string(rule.severity)) + "\n";
  out += "status      " + rule.status + "\n";
  out += "applies to  " + kinds + "\n";
  out += "origin      " + rule.origin + "\n";
  if (rule.fallback) out += "fallback    shown only when no other rule fires\n";

  heading(out, "What it means");
  for (const HoleText& text : rule.explain) paragraph(out, "  ", text.source);

  heading(out, "What it asks (all of it)");
  for (const Predicate& predicate : rule.match) ask_lines(out, predicate, "  ");
  if (rule.base > 0)
    out += "  then " + std::to_string(rule.base) + " points: " +
           std::string(rule.base < 30 ? "not shown" : to_string(certainty_of(rule.base))) +
           " without further evidence\n";

  if (!rule.evidence.empty()) heading(out, "What adds or removes certainty");
  for (const EvidenceRule& entry : rule.evidence) {
    const std::string points = signed_points(entry.points);
    paragraph(out,
              "  " + std::string(4 - std::min<std::size_t>(4, points.size()), ' ') + points + "  ",
              entry.predicate.says ? entry.predicate.says->source : describe(entry.predicate));
  }
  list_causes(out, "Causes", rule.causes);
  list(out, "What to do in any case", sources(rule.fix));
  for (const VariantRule& variant : rule.variants) {
    std::string when;
    for (const Predicate& predicate : variant.when)
      when += (when.empty() ? "" : ", and ") + describe(predicate);
    heading(out, "Special case");
    paragraph(out, "  when ", when);
    if (!variant.title.empty()) paragraph(out, "  ", variant.title);
    for (const HoleText& text : variant.explain) paragraph(out, "  ", text.source);
    list_causes(out, "  Causes then", variant.causes);
    list(out, "  What to do then", sources(variant.fix));
  }
  list(out, "Explains better than", rule.supersedes);
  list(out, "Looks the same and is not", rule.false_positives);
  list(out, "References", rule.references);
  return out;
}

std::string list(const RuleSet& rules) {
  std::size_t id_width = 0;
  for (const auto& rule : rules.rules()) id_width = std::max(id_width, rule->id.size());
  const auto padded = [](std::string_view text, std::size_t width) {
    return std::string(text) + std::string(width > text.size() ? width - text.size() : 0, ' ');
  };
  std::string out;
  for (const auto& rule : rules.rules())
    out += padded(rule->id, id_width) + "  " + padded(to_string(rule->severity), 8) + "  " +
           padded(rule->status, 12) + "  " +
           (rule->origin == "built-in" ? "" : "[" + rule->origin + "] ") + rule->title + "\n";
  return out;
}

}  // namespace panicscan::rules
