#include "parsers/json_fields.h"

#include <utility>

#include "base/text.h"

namespace panicscan::parsers {
namespace {

/// Arrays longer than this are kept as their length: they are data that another reader is for.
constexpr std::size_t kMaxArrayText = 16384;

/// A JSON text without the blanks that stand outside of its strings.
std::string without_blanks(std::string_view json) {
  std::string compact;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string && c == '\\' && i + 1 < json.size()) {
      compact += c;
      compact += json[++i];
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (in_string || !is_space(c)) compact += c;
  }
  return compact;
}

}  // namespace

JsonLimits json_limits(const Limits& limits) {
  return {.depth = static_cast<std::uint32_t>(limits.json_depth),
          .nodes = static_cast<std::uint32_t>(limits.json_nodes)};
}

SourceRef where_of(JsonValue value, std::uint32_t document) {
  if (!value.exists()) return {};
  return {document, value.offset(), static_cast<std::uint32_t>(value.raw().size())};
}

std::string scalar_text(JsonValue value) {
  if (value.kind() == JsonKind::object || value.kind() == JsonKind::array) return {};
  if (auto text = value.as_string()) return *std::move(text);
  return std::string(value.raw());
}

Sourced<std::string> sourced_text(JsonValue value, std::uint32_t document) {
  return {std::string(trim(scalar_text(value))), where_of(value, document)};
}

void add_json_field(ReportBuilder& out, std::string name, JsonValue value, std::uint32_t document) {
  if (value.kind() == JsonKind::object && value.size() > 0) {
    value.for_each([&](JsonValue member) {
      add_json_field(out, name + "." + member.key(), member, document);
    });
    return;
  }
  std::string text = scalar_text(value);
  if (value.kind() == JsonKind::array && value.raw().size() > kMaxArrayText)
    text = "[" + std::to_string(value.size()) + " elements]";
  else if (value.kind() == JsonKind::array || value.kind() == JsonKind::object)
    text = without_blanks(value.raw());
  out.add_field(std::move(name), std::move(text), where_of(value, document));
}

void add_line_fields(ReportBuilder& out, std::string_view name, JsonValue value,
                     std::uint32_t document) {
  const std::uint32_t text = out.add_document(value.as_document(document));
  LineReader lines(out.text(text));
  while (const auto line = lines.next()) {
    const std::string_view trimmed = trim(line->text);
    if (trimmed.empty()) continue;
    const auto skipped = static_cast<std::uint32_t>(trimmed.data() - line->text.data());
    out.add_field(std::string(name), std::string(trimmed),
                  {text, line->offset + skipped, static_cast<std::uint32_t>(trimmed.size())});
  }
}

void add_remarks(ReportBuilder& out, JsonValue value, std::uint32_t document) {
  const auto keep = [&](JsonValue remark) {
    std::string text = scalar_text(remark);
    if (!trim(text).empty())
      out.note(NoteKind::remark, std::move(text), where_of(remark, document));
  };
  if (value.kind() == JsonKind::array)
    value.for_each(keep);
  else
    keep(value);
}

void note_json_damage(ReportBuilder& out, const JsonTree& tree, std::uint32_t document) {
  std::size_t left = tree.damage().size();
  for (const JsonDamage& damage : tree.damage()) {
    const bool stopped_here = --left == 0 && !tree.complete();
    std::string text = damage.what;
    if (stopped_here && !tree.truncated()) text = "broken JSON " + text;
    if (stopped_here) text += "; what stands before was read";
    out.note(!stopped_here      ? NoteKind::repaired
             : tree.truncated() ? NoteKind::truncated
                                : NoteKind::damaged,
             std::move(text), {document, damage.offset, 0});
  }
}

}  // namespace panicscan::parsers
