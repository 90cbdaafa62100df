// The I/O registry as text:
//
//   +-o pci-bridge0@0  <class IOPCIDevice, id 0x100000321, registered, matched, active, busy 0 (12
//   ms), retain 20>
//     | {
//     |   "iommu-parent" = <31000000>
//     | }
//     |
//     +-o ExampleNIC  <class IOUserNetworkEthernet, id 0x100000abc, !registered, !matched, active,
//     busy 0, retain 5>
//
// The column of "+-o" says how deep an entry lies. Source: IOKitTools ioreg.tproj/ioreg.c,
// showitem() and indent().

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "parsers/ioreg.h"

namespace panicscan::parsers {
namespace {

constexpr std::string_view kBranch = "+-o ", kClass = "  <class ";

/// One word of the list behind the class: "!registered", "busy 0 (12 ms)", "retain 20".
void take_word(std::string_view word, DeviceNode& node) {
  const bool is_not = consume(word, "!");
  if (word == "registered") node.is_registered = !is_not;
  if (word == "matched") node.is_matched = !is_not;
  if (word == "active") node.is_active = !is_not;
  if (word == "inactive") node.is_active = false;
  if (consume(word, "id ")) node.id = consume_hex(word);
  if (consume(word, "retain "))
    if (const auto count = consume_decimal(word)) node.retain = static_cast<std::uint32_t>(*count);
  if (consume(word, "busy ")) {
    if (const auto count = consume_decimal(word)) node.busy = static_cast<std::uint32_t>(*count);
    if (consume(word, " (")) node.busy_ms = consume_decimal(word);
  }
}

DeviceNode read_entry(std::string_view entry) {
  DeviceNode node;
  const auto class_at = std::min(entry.rfind(kClass), entry.size());
  node.name = trim(entry.substr(0, class_at));
  std::string_view list = entry.substr(std::min(class_at + kClass.size(), entry.size()));
  // A line that was cut to the width of a terminal ends in '$'.
  list = list.substr(0, list.find_last_of(">$"));
  bool is_first = true;
  while (!list.empty()) {
    const auto comma = std::min(list.find(", "), list.size());
    if (std::exchange(is_first, false))
      node.class_name = list.substr(0, comma);
    else
      take_word(list.substr(0, comma), node);
    list.remove_prefix(std::min(comma + 2, list.size()));
  }
  return node;
}

/// "\"name\" = value"; false for anything else.
bool take_property(std::string_view line, DeviceNode& node) {
  if (!consume(line, "\"")) return false;
  const auto name = consume_until(line, "\" = ");
  if (!name) return false;
  node.properties.emplace_back(*name, trim(line));
  return true;
}

}  // namespace

bool looks_like_ioreg(std::string_view text) {
  constexpr int kMostLines = 500;
  LineReader lines(text);
  int left = kMostLines;
  for (auto line = lines.next(); line && left-- > 0; line = lines.next()) {
    const auto branch = line->text.substr(0, 4096).find_first_not_of(" |");
    if (branch == std::string_view::npos) continue;
    const std::string_view entry = line->text.substr(branch);
    if (entry.starts_with(kBranch) && entry.find(kClass) != std::string_view::npos) return true;
  }
  return false;
}

bool add_device(DeviceNode node, ReportBuilder& out) {
  auto& nodes = out.report().devices.nodes;
  if (nodes.size() >= out.limits().device_nodes) return false;
  nodes.push_back(std::move(node));
  return true;
}

bool read_ioreg_text(std::uint32_t document, ReportBuilder& out) {
  const std::string_view text = out.text(document);
  if (!looks_like_ioreg(text)) return false;
  out.report().kind = ReportKind::device_tree;
  auto& nodes = out.report().devices.nodes;

  struct Open {
    std::size_t column;
    std::uint32_t node;
  };
  std::vector<Open> open;  // the entries above the current one, outermost first
  std::size_t odd = 0, dropped = 0;
  SourceRef first_odd;
  bool takes_properties = false;
  LineReader lines(text);
  while (const auto line = lines.next()) {
    const auto column = line->text.find_first_not_of(" |");
    if (column == std::string_view::npos) continue;
    std::string_view content = trim(line->text.substr(column));
    const SourceRef where{document, line->offset, static_cast<std::uint32_t>(line->text.size())};
    if (consume(content, kBranch)) {
      DeviceNode node = read_entry(content);
      node.where = where;
      while (!open.empty() && open.back().column >= column) open.pop_back();
      if (!open.empty()) node.parent = {open.back().node};
      takes_properties = add_device(std::move(node), out);
      if (takes_properties)
        open.push_back({column, static_cast<std::uint32_t>(nodes.size() - 1)});
      else
        ++dropped;
      continue;
    }
    if (content == "{" || content == "}" || dropped > 0) continue;
    if (takes_properties && take_property(content, nodes.back())) continue;
    if (odd++ == 0) first_odd = where;
  }
  if (dropped > 0)
    out.note(NoteKind::truncated, std::to_string(dropped) +
                                      " further entries of the registry are left out: " +
                                      beyond_limit(out.limits(), &Limits::device_nodes));
  if (odd > 0)
    out.note(NoteKind::unknown_line,
             std::to_string(odd) + (odd == 1 ? " line is" : " lines are") +
                 " neither an entry of the registry nor a property",
             first_odd);
  return true;
}

}  // namespace panicscan::parsers
