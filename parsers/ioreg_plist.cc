// The I/O registry as `ioreg -a` archives it: a dictionary for each entry, its properties beside
// members that stand for what the text prints behind the name.
// Source: IOKitTools ioreg.tproj/ioreg.c, archive(); IOKit/IOKitKeysPrivate.h (IOServiceState…).

#include <array>

#include "base/text.h"
#include "base/uuid.h"
#include "parsers/ioreg.h"
#include "parsers/plist.h"
#include "parsers/stackshot_data.h"

namespace panicscan::parsers {
namespace {

constexpr std::uint32_t kInactive = 1, kRegistered = 2, kMatched = 4;
constexpr std::string_view kChildren = "IORegistryEntryChildren";

/// A member of an entry that is no property of it.
struct Member {
  std::string_view key;
  void (*take)(const PlistNode& value, DeviceNode& node);
};

std::uint32_t small_number(const PlistNode& value) {
  return static_cast<std::uint32_t>(parse_number(trim(value.text)).value_or(0));
}

constexpr std::array kMembers{
    Member{"IOObjectClass", [](const PlistNode& v, DeviceNode& n) { n.class_name = v.text; }},
    Member{"IORegistryEntryName",
           [](const PlistNode& v, DeviceNode& n) { n.name = v.text + n.name; }},
    Member{"IORegistryEntryLocation",
           [](const PlistNode& v, DeviceNode& n) { n.name += "@" + v.text; }},
    Member{"IORegistryEntryID",
           [](const PlistNode& v, DeviceNode& n) { n.id = parse_number(trim(v.text)); }},
    Member{"IOObjectRetainCount",
           [](const PlistNode& v, DeviceNode& n) { n.retain = small_number(v); }},
    Member{"IOServiceBusyState",
           [](const PlistNode& v, DeviceNode& n) { n.busy = small_number(v); }},
    Member{"IOServiceBusyTime",
           [](const PlistNode& v, DeviceNode& n) {
             if (const auto ns = parse_number(trim(v.text))) n.busy_ms = *ns / 1'000'000;
           }},
    Member{"IOServiceState",
           [](const PlistNode& v, DeviceNode& n) {
             const std::uint32_t state = small_number(v);
             n.is_active = (state & kInactive) == 0;
             n.is_registered = (state & kRegistered) != 0;
             n.is_matched = (state & kMatched) != 0;
           }},
};

std::string data_text(std::string_view base64) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "<";
  for (const char c : decode_base64(base64, base64.size())) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text + ">";
}

/// A scalar as the text would print it.
std::string scalar_text(const PlistNode& value) {
  switch (value.kind) {
    case PlistKind::string:
      return "\"" + value.text + "\"";
    case PlistKind::boolean:
      return value.text == "true" ? "Yes" : "No";
    case PlistKind::data:
      return data_text(value.text);
    default:
      return std::string(trim(value.text));
  }
}

/// A value and all below it as the text would print them. One pass over the descendants, each of
/// which closes the containers that end before it.
std::string value_text(const Plist& plist, std::uint32_t at) {
  const PlistNode& top = plist.nodes[at];
  if (top.kind != PlistKind::dict && top.kind != PlistKind::array) return scalar_text(top);
  std::string text;
  std::vector<std::uint32_t> open;
  const auto close_until = [&](std::uint32_t index) {
    while (!open.empty() && plist.nodes[open.back()].end <= index) {
      text += plist.nodes[open.back()].kind == PlistKind::dict ? '}' : ')';
      open.pop_back();
    }
  };
  for (std::uint32_t i = at; i < top.end; ++i) {
    close_until(i);
    const PlistNode& node = plist.nodes[i];
    if (i != at) {
      const char last = text.back();
      const bool is_first = (last == '{' || last == '(') && node.parent == i - 1;
      if (!is_first) text += ',';
      if (plist.nodes[node.parent].kind == PlistKind::dict) text += "\"" + node.key + "\"=";
    }
    if (node.kind == PlistKind::dict || node.kind == PlistKind::array) {
      text += node.kind == PlistKind::dict ? '{' : '(';
      open.push_back(i);
    } else {
      text += scalar_text(node);
    }
  }
  close_until(top.end);
  return text;
}

bool is_entry(const Plist& plist, std::uint32_t at) {
  const PlistNode& node = plist.nodes[at];
  if (node.kind != PlistKind::dict) return false;
  if (node.parent == PlistNode::kNoParent) return true;
  const PlistNode& above = plist.nodes[node.parent];
  return above.kind == PlistKind::array &&
         (above.parent == PlistNode::kNoParent || above.key == kChildren);
}

/// Walks the list in document order; entries nest by way of their arrays of children.
class TreeReader {
 public:
  TreeReader(const Plist& plist, std::uint32_t document, ReportBuilder& out)
      : plist_(plist), document_(document), out_(out) {}

  void read() {
    std::uint32_t at = 0;
    while (at < plist_.nodes.size()) {
      const PlistNode& node = plist_.nodes[at];
      while (!open_.empty() && open_.back().end <= at) open_.pop_back();
      if (is_entry(plist_, at)) {
        begin(at);
        ++at;
      } else if (node.parent == PlistNode::kNoParent || node.key == kChildren) {
        ++at;
      } else {
        if (!open_.empty() && open_.back().node) take(at, *open_.back().node);
        at = node.end;
      }
    }
    if (dropped_ > 0)
      out_.note(NoteKind::truncated, std::to_string(dropped_) +
                                         " further entries of the registry are left out: " +
                                         beyond_limit(out_.limits(), &Limits::device_nodes));
  }

 private:
  /// An entry whose dictionary is not over.
  struct Open {
    std::uint32_t end;
    std::optional<std::uint32_t> node;  ///< in the tree; none when there was no room
  };

  void begin(std::uint32_t at) {
    const PlistNode& dict = plist_.nodes[at];
    DeviceNode node;
    node.where = {document_, dict.offset, dict.length};
    if (!open_.empty() && open_.back().node) node.parent = {*open_.back().node};
    if (!add_device(std::move(node), out_)) {
      ++dropped_;
      open_.push_back({dict.end, std::nullopt});
      return;
    }
    const auto index = static_cast<std::uint32_t>(out_.report().devices.nodes.size() - 1);
    open_.push_back({dict.end, index});
  }

  void take(std::uint32_t at, std::uint32_t index) {
    const PlistNode& value = plist_.nodes[at];
    DeviceNode& node = out_.report().devices.nodes[index];
    for (const Member& member : kMembers)
      if (member.key == value.key) return member.take(value, node);
    node.properties.emplace_back(value.key, value_text(plist_, at));
  }

  const Plist& plist_;
  std::uint32_t document_;
  ReportBuilder& out_;
  std::vector<Open> open_;
  std::size_t dropped_ = 0;
};

}  // namespace

bool read_ioreg_plist(std::uint32_t document, ReportBuilder& out) {
  const std::string_view text = out.text(document);
  if (!is_xml_plist(text) || text.find("<key>IOObjectClass</key>") == std::string_view::npos)
    return false;
  const auto plist = read_plist(text, out.limits());
  if (!plist) return false;
  out.report().kind = ReportKind::device_tree;
  TreeReader(*plist, document, out).read();
  if (!plist->damage.empty())
    out.note(NoteKind::truncated, "the property list ends early: " + plist->damage);
  return true;
}

}  // namespace panicscan::parsers
