// FAULT, BUSY, POWER…: how it came to the panic, number by number.

#include <algorithm>

#include "render/text_sections.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kShownFacts = 12;  // of one kind, unless --full

std::vector<TerminalText> decoded_row(const Painter& paint, const Decoded& row) {
  return {escape(row.name), paint(Role::strong, escape(row.value)), escape(row.meaning)};
}

}  // namespace

void write_mechanism(const Story& story) {
  Page& page = story.page;
  const auto facts = mechanism_facts(story.facts());
  std::string_view open_section;
  for (std::size_t i = 0; i < facts.size();) {
    const FactSchema* schema = facts[i].fact->schema;
    std::size_t end = i;
    while (end < facts.size() && facts[end].fact->schema == schema) ++end;
    const std::size_t shown = story.options.full ? end - i : std::min(end - i, kShownFacts);

    std::vector<std::vector<TerminalText>> rows;
    for (std::size_t k = i; k < i + shown; ++k) {
      for (const Decoded& row : rows_of(*facts[k].fact))
        rows.push_back(decoded_row(page.paint(), row));
      if (facts[k].fact->origin == Origin::inferred && !rows.empty())
        rows.back().back() += page.paint()(Role::quiet, say(" (inferred)"));
    }
    if (!rows.empty() && facts[i].section != open_section) page.section(facts[i].section);
    if (!rows.empty()) open_section = facts[i].section;
    page.table(rows);
    if (shown < end - i)
      page.line(page.paint()(Role::quiet, say("… {} more; --full shows all", end - i - shown)));
    i = end;
  }
}

}  // namespace panicscan::render
