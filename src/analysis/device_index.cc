#include "analysis/device_index.h"

#include <algorithm>

#include "base/text.h"

namespace panicscan::analysis {
namespace {

const std::vector<std::uint32_t> kNone;

}  // namespace

DeviceIndex::DeviceIndex(const DeviceTree& tree)
    : tree_(&tree), first_dext_(tree.nodes.size()), has_busy_child_(tree.nodes.size()) {
  const auto count = static_cast<std::uint32_t>(tree.nodes.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const DeviceNode& node = tree.nodes[i];
    by_name_[bare_name(node)].push_back(i);
    if (const auto handle = number_of(node.find("iommu-parent"))) by_mapper_[*handle].push_back(i);
  }
  // Children stand behind their parents, so what is below is known before what is above.
  for (std::uint32_t i = count; i-- > 0;) {
    const DeviceNode& node = tree.nodes[i];
    if (is_driver_extension(node)) first_dext_[i] = i + 1;
    if (!node.parent) continue;
    const std::uint32_t parent = node.parent->value;
    if (first_dext_[i] != 0) first_dext_[parent] = first_dext_[i];
    if (node.busy.value_or(0) > 0) has_busy_child_[parent] = true;
  }
}

const std::vector<std::uint32_t>& DeviceIndex::named(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? kNone : found->second;
}

const std::vector<std::uint32_t>& DeviceIndex::behind_mapper(std::uint64_t handle) const {
  const auto found = by_mapper_.find(handle);
  return found == by_mapper_.end() ? kNone : found->second;
}

std::optional<std::uint32_t> DeviceIndex::driver_extension_below(std::uint32_t node) const {
  if (first_dext_[node] == 0) return std::nullopt;
  return first_dext_[node] - 1;
}

bool DeviceIndex::is_busy_leaf(std::uint32_t node) const {
  return nodes()[node].busy.value_or(0) > 0 && !has_busy_child_[node];
}

std::string DeviceIndex::path(std::uint32_t node) const {
  constexpr std::size_t kMostSteps = 6;
  std::vector<std::string_view> steps;
  std::optional<std::uint32_t> at = node;
  while (at && steps.size() < kMostSteps) {
    steps.push_back(bare_name(nodes()[*at]));
    const auto& parent = nodes()[*at].parent;
    at = parent ? std::optional(parent->value) : std::nullopt;
  }
  std::string text = at ? "…" : "";
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (!text.empty()) text += "/";
    text += *step;
  }
  return text;
}

const std::string* DeviceIndex::inherited(std::uint32_t node, std::string_view property) const {
  constexpr int kMostSteps = 64;
  std::optional<std::uint32_t> at = node;
  for (int i = 0; at && i < kMostSteps; ++i) {
    if (const std::string* value = nodes()[*at].find(property)) return value;
    const auto& parent = nodes()[*at].parent;
    at = parent ? std::optional(parent->value) : std::nullopt;
  }
  return nullptr;
}

std::string_view bare_name(const DeviceNode& node) {
  return std::string_view(node.name).substr(0, node.name.rfind('@'));
}

std::string_view location(const DeviceNode& node) {
  const auto at = node.name.rfind('@');
  return at == std::string::npos ? std::string_view() : std::string_view(node.name).substr(at + 1);
}

std::string unquoted(const std::string* property) {
  if (property == nullptr) return {};
  std::string_view text = *property;
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"'))
    text = text.substr(1, text.size() - 2);
  return std::string(text);
}

std::optional<std::uint64_t> number_of(const std::string* property) {
  if (property == nullptr) return std::nullopt;
  std::string_view text = *property;
  if (!consume(text, "<")) return parse_number(text);
  std::uint64_t value = 0;
  for (std::size_t byte = 0; byte < 4 && text.size() >= 2; ++byte) {
    const auto digits = parse_hex(text.substr(0, 2));
    if (!digits) return byte == 0 ? std::nullopt : std::optional(value);
    value |= *digits << (8 * byte);
    text.remove_prefix(2);
  }
  return value;
}

bool is_driver_extension(const DeviceNode& node) {
  return node.find("IOUserServerName") != nullptr || node.find("IOUserClass") != nullptr;
}

}  // namespace panicscan::analysis
