#include "analysis/bridge_chain.h"

#include <algorithm>

// Which devices sit behind the port or the DART of a panic, and over which bridges: from a dump of
// the I/O registry (the report itself, or a companion).
//
//   dart-apciec0 …        → the entry apciec0@30000000
//   apciec[pcic1-bridge]  → the entry pcic1-bridge@0
//     below it: pcic1-bridge@0 → pci-bridge@0 (IOPCITunnelled) → ethernet@0
//
// DMA of a driver extension is mapped by the device's own "iommu-parent"; that of a bridge above it
// is not asked. A bridge or a tunnel between them may use another requester id, and with it another
// stream, than the mapping was made for.
// Source: xnu iokit/Kernel/IOMapper.cpp, IOMapper::copyMapperForDevice; IOPCIFamily
// IOPCIBridge.cpp (IOPCITunnelled).

namespace panicscan::analysis {
namespace {

constexpr std::size_t kMostDevices = 16, kDeepest = 64;

constexpr FactField kFields[] = {
    {"root", ValueType::text, "entry of the port or of the controller behind the DART"},
    {"device", ValueType::text, "a device below it"},
    {"path", ValueType::list, "from the root to the device, each bridge by its name"},
    {"bridges", ValueType::number, "bridges between root and device"},
    {"tunnelled", ValueType::number, "how many of them, and the device, are behind a tunnel"},
    {"has_mapper", ValueType::boolean,
     "whether the device itself has an iommu-parent; if not, its DMA is mapped by nobody"},
    {"mapper_owner", ValueType::text, "the nearest entry, upwards, that has an iommu-parent"},
};
constexpr FactSchema kSchema{
    "pcie.path", "The bridges between a port that a panic names and a device.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

std::string_view bare_name(const DeviceNode& node) {
  return std::string_view(node.name).substr(0, node.name.find('@'));
}

bool is_pci(const DeviceNode& node) {
  return node.class_name == "IOPCIDevice" || node.find("IOPCITunnelled") != nullptr;
}

bool is_tunnelled(const DeviceNode& node) {
  const std::string* value = node.find("IOPCITunnelled");
  return value != nullptr && *value == "Yes";
}

/// What the panic names: "apciec0" of dart-apciec0, "pcic1-bridge" of apciec[pcic1-bridge].
std::string root_name(const Facts& facts) {
  const auto text = [&](std::string_view name, std::string_view field) {
    const Fact* fact = facts.find(name);
    const Value* value = fact != nullptr ? fact->find(field) : nullptr;
    return value != nullptr ? format(*value) : std::string();
  };
  const std::string dart = text("dart.error", "dart");
  if (dart.starts_with("dart-")) return controller_of_dart(dart);
  const std::string port = text("pcie.port", "port");
  const std::size_t open = port.find('['), close = port.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return port;
  return port.substr(open + 1, close - open - 1);
}

class Tree {
 public:
  Tree(const DeviceTree& tree, std::uint32_t companion)
      : nodes_(tree.nodes), companion_(companion) {}

  void publish(const std::string& root_name, const std::vector<std::uint32_t>& devices,
               Facts& facts) const {
    const auto root = std::ranges::find(nodes_, root_name, bare_name);
    const auto first = static_cast<std::uint32_t>(root - nodes_.begin());
    for (std::size_t i = 0; i < std::min(devices.size(), kMostDevices); ++i)
      facts.all.push_back(fact_of(first, devices[i]));
  }

 private:
  Fact fact_of(std::uint32_t root, std::uint32_t device) const {
    std::vector<std::string> path;
    std::uint64_t tunnelled = 0, bridges = 0;
    const DeviceNode* mapper = nullptr;
    std::uint32_t at = device;
    for (std::size_t depth = 0; depth < kDeepest; ++depth) {
      const DeviceNode& node = nodes_[at];
      if (at == root || is_pci(node)) path.push_back(node.name);
      if (is_tunnelled(node)) ++tunnelled;
      if (is_pci(node) && at != device) ++bridges;
      if (mapper == nullptr && node.find("iommu-parent") != nullptr) mapper = &node;
      if (at == root || !node.parent) break;
      at = node.parent->value;
    }
    std::ranges::reverse(path);
    const DeviceNode& node = nodes_[device];
    Fact fact(kSchema);
    fact.origin = Origin::inferred;
    fact.companion = companion_;
    std::string shown;
    for (const std::string& name : path) shown += (shown.empty() ? "" : " > ") + name;
    fact.set("root", Value::text(nodes_[root].name));
    fact.set("device", Value::text(node.name));
    fact.set("bridges", Value::number(bridges));
    fact.set("tunnelled", Value::number(tunnelled));
    fact.set("path", Value::list(std::move(path)));
    const bool is_own = mapper == &node;
    fact.set("has_mapper", Value::boolean(is_own));
    if (mapper != nullptr) fact.set("mapper_owner", Value::text(mapper->name));
    fact.decoded.push_back(
        {"path", shown,
         tunnelled > 0 ? std::to_string(tunnelled) + " of it through a tunnel" : "no tunnel"});
    fact.decoded.push_back(
        {"mapper", mapper == nullptr ? "none" : mapper->name,
         is_own ? "the device has its own iommu-parent"
                : "the device has no iommu-parent of its own: DMA of a driver extension for it is "
                  "mapped by nobody"});
    fact.because.push_back({node.name + " is below " + nodes_[root].name, node.where, {}, {}});
    return fact;
  }

  const std::vector<DeviceNode>& nodes_;
  std::uint32_t companion_;
};

void run(const Input& input, Facts& facts) {
  const std::string name = root_name(facts);
  if (name.empty()) return;
  const auto publish = [&](const DeviceTree& tree, std::uint32_t companion) {
    Tree(tree, companion).publish(name, pci_devices_below(tree, name), facts);
  };
  publish(input.report.devices, 0);
  for (std::uint32_t i = 0; i < input.companions.size(); ++i)
    publish(input.companions[i].report.devices, i + 1);
}

}  // namespace

std::string controller_of_dart(const std::string& dart) {
  return dart.starts_with("dart-") ? dart.substr(5) : dart;
}

std::vector<std::uint32_t> pci_devices_below(const DeviceTree& tree, const std::string& root) {
  const auto& nodes = tree.nodes;
  std::vector<std::uint32_t> devices;
  const auto at = std::ranges::find(nodes, root, bare_name);
  if (at == nodes.end()) return devices;
  const auto first = static_cast<std::uint32_t>(at - nodes.begin());
  // Parents come first, so one pass marks what is below the root, and who has a device below.
  std::vector<bool> below(nodes.size()), has_device_below(nodes.size());
  below[first] = true;
  for (std::uint32_t i = first + 1; i < nodes.size(); ++i)
    below[i] = nodes[i].parent && nodes[i].parent->value < i && below[nodes[i].parent->value];
  for (auto i = static_cast<std::uint32_t>(nodes.size()); i-- > first + 1;)
    if (below[i] && (is_pci(nodes[i]) || has_device_below[i]))
      has_device_below[nodes[i].parent->value] = true;
  for (std::uint32_t i = first; i < nodes.size(); ++i)
    if (below[i] && is_pci(nodes[i]) && !has_device_below[i]) devices.push_back(i);
  return devices;
}

constinit const Analysis kBridgeChain{"bridge_chain", kSchemas, run};

}  // namespace panicscan::analysis
