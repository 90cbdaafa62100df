// FAULT, BUSY, POWER…: how it came to the panic, number by number.

#include <algorithm>
#include <span>

#include "render/text_sections.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kShownGroups = 12;  // of facts of one kind, unless --full

/// Facts of one kind that say the same of different things: four services in the same state.
struct FactGroup {
  std::vector<std::string> names;
  std::vector<Decoded> rows;
  bool is_inferred = false;
};

bool same_rows(const std::vector<Decoded>& a, const std::vector<Decoded>& b) {
  return std::ranges::equal(a, b, [](const Decoded& x, const Decoded& y) {
    return x.name == y.name && x.value == y.value && x.meaning == y.meaning;
  });
}

/// What a fact is about, when there are several of its kind.
std::string subject_of(const Fact& fact) {
  for (const std::string_view field : {"name", "service", "bundle", "dart", "port", "device"}) {
    const std::string text = text_of(&fact, field);
    if (!text.empty()) return text;
  }
  return {};
}

std::vector<FactGroup> group_facts(std::span<const MechanismFact> facts) {
  std::vector<FactGroup> groups;
  for (const MechanismFact& mechanism : facts) {
    FactGroup group{{}, rows_of(*mechanism.fact), mechanism.fact->origin == Origin::inferred};
    if (group.rows.empty()) continue;
    const bool continues = !groups.empty() && same_rows(groups.back().rows, group.rows);
    if (!continues) groups.push_back(std::move(group));
    groups.back().names.push_back(subject_of(*mechanism.fact));
  }
  return groups;
}

/// Whether a group is one row that names what it is about: it needs no heading then.
bool names_itself(const FactGroup& group) {
  return group.rows.size() == 1 && group.names.size() == 1 &&
         group.rows.front().name == group.names.front();
}

std::vector<std::vector<TerminalText>> table_rows(const Painter& paint, const FactGroup& group) {
  std::vector<std::vector<TerminalText>> rows;
  for (const Decoded& row : group.rows)
    rows.push_back({escape(row.name), paint(Role::strong, escape(row.value)), escape(row.meaning)});
  if (group.is_inferred) rows.back().back() += paint(Role::quiet, say(" (inferred)"));
  return rows;
}

TerminalText heading(const Painter& paint, const FactGroup& group) {
  constexpr std::size_t kShownNames = 20;
  TerminalText names;
  for (std::size_t i = 0; i < std::min(group.names.size(), kShownNames); ++i)
    names += say("{}{}", i == 0 ? "" : ", ", group.names[i]);
  if (group.names.size() > kShownNames) names += say(", +{}", group.names.size() - kShownNames);
  return paint(Role::title, names) + say(":");
}

void write_groups(const Story& story, std::span<const FactGroup> groups, bool are_named) {
  const Painter& paint = story.page.paint();
  std::vector<std::vector<TerminalText>> together;
  for (const FactGroup& group : groups) {
    const auto rows = table_rows(paint, group);
    if (!are_named || names_itself(group)) {
      together.insert(together.end(), rows.begin(), rows.end());
      continue;
    }
    story.page.table(together);
    together.clear();
    story.page.paragraph(heading(paint, group), 0, 2);
    story.page.table(rows, 2);
  }
  story.page.table(together);
}

}  // namespace

void write_mechanism(const Story& story) {
  Page& page = story.page;
  const auto facts = mechanism_facts(story.facts());
  std::string_view open_section;
  for (std::size_t begin = 0; begin < facts.size();) {
    const FactSchema* schema = facts[begin].fact->schema;
    std::size_t end = begin;
    while (end < facts.size() && facts[end].fact->schema == schema) ++end;
    const auto groups = group_facts(std::span(facts).subspan(begin, end - begin));
    if (!groups.empty() && facts[begin].section != open_section) {
      open_section = facts[begin].section;
      page.section(open_section);
    }
    const bool are_named = end - begin > 1 && !subject_of(*facts[begin].fact).empty();
    const std::size_t shown =
        story.options.full ? groups.size() : std::min(groups.size(), kShownGroups);
    write_groups(story, std::span(groups).first(shown), are_named);
    if (shown < groups.size())
      page.line(
          page.paint()(Role::quiet, say("… {} more; --full shows all", groups.size() - shown)));
    begin = end;
  }
}

}  // namespace panicscan::render
