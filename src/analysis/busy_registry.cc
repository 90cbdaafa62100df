#include "analysis/busy_registry.h"

#include <algorithm>

#include "analysis/device_index.h"
#include "model/driver_extension.h"

namespace panicscan::analysis {
namespace {

constexpr std::size_t kMostEntries = 64;

void add_unique(std::vector<std::string>& list, std::string text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

/// The entry of a dump that a name means: by name, else by class, in the kernel or in the driver
/// extension; of several the first that is busy.
std::optional<std::uint32_t> place_of(const DeviceIndex& index, const std::string& name) {
  std::optional<std::uint32_t> place;
  const auto consider = [&](std::uint32_t i) {
    const auto is_busy = [&](std::uint32_t n) { return index.nodes()[n].busy.value_or(0) > 0; };
    if (!place || (!is_busy(*place) && is_busy(i))) place = i;
  };
  for (const std::uint32_t i : index.named(name)) consider(i);
  if (place) return place;
  for (std::uint32_t i = 0; i < index.nodes().size(); ++i) {
    const DeviceNode& node = index.nodes()[i];
    if (node.class_name == name || unquoted(node.find("IOUserClass")) == name) consider(i);
  }
  return place;
}

std::string state_of(const DeviceNode& node) {
  std::string state = node.is_registered ? "registered" : "not registered";
  state += node.is_matched ? ", matched" : ", not matched";
  state += node.is_active ? ", active" : ", being terminated";
  if (node.busy) state += ", busy " + std::to_string(*node.busy);
  if (node.busy_ms) state += " (" + std::to_string(*node.busy_ms) + " ms in all)";
  return state;
}

void join(const DeviceIndex& index, BusyEntry& entry) {
  const auto place = place_of(index, entry.name);
  if (!place) return;
  const DeviceNode& node = index.nodes()[*place];
  entry.entry_class = node.class_name;
  entry.path = index.path(*place);
  entry.state = state_of(node);
  entry.id = node.id;
  const auto dext = index.driver_extension_below(*place);
  if (!dext) return;
  const DeviceNode& driver = index.nodes()[*dext];
  entry.server = unquoted(driver.find("IOUserServerName"));
  if (entry.server.empty()) entry.server = unquoted(driver.find("CFBundleIdentifier"));
  add_unique(entry.classes, unquoted(driver.find("IOUserClass")));
}

}  // namespace

bool BusyEntry::is_served_by(const Process& process) const {
  if (server.empty() || process.name.empty()) return false;
  return process.name == server || is_cut_name_of(process.name, server);
}

std::string BusyEntry::words() const {
  std::string text = entry_class;
  if (!state.empty()) text += (text.empty() ? "" : ", ") + state;
  if (!server.empty()) text += ", served by " + server;
  return text;
}

std::vector<BusyEntry> busy_entries(const Input& input, const Facts& facts) {
  std::vector<BusyEntry> entries;
  for (const Fact& fact : facts.all) {
    if (fact.schema->name != "iokit.busy_entry" || entries.size() == kMostEntries) continue;
    const Value* value = fact.find("name");
    if (value == nullptr) continue;
    const std::string name = format(*value);
    if (std::ranges::find(entries, name, &BusyEntry::name) != entries.end()) continue;
    BusyEntry entry;
    entry.name = name;
    entry.classes = {name};
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) return entries;
  const auto join_all = [&](const DeviceTree& tree) {
    if (tree.nodes.empty()) return;
    const DeviceIndex index(tree);
    for (BusyEntry& entry : entries)
      if (entry.path.empty()) join(index, entry);
  };
  join_all(input.report.devices);
  for (const Companion& companion : input.companions) join_all(companion.report.devices);
  return entries;
}

}  // namespace panicscan::analysis
