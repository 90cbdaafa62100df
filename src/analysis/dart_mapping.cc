#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "analysis/bridge_chain.h"
#include "analysis/device_index.h"
#include "base/text.h"

// Whether the mapping that a driver made could serve the access that a DART stopped.
//
//   fault     dart-apciec0 … SID 0 … ERROR_ADDRESS 0x80000000
//   mapping   scsi@8 has "iommu-parent" = <31000000>, the handle of mapper-apciec0@5: stream 5
//   address   the device's window (IOPCIDeviceMemoryMapBase, …Size), segments that its driver
//   logged
//
// An IODMACommand maps memory for the device's own iommu-parent; no entry above it is asked. The
// access comes under the requester id that the last bridge gives it: a PCI Express bridge to
// conventional PCI or PCI-X takes the requests behind it over as its own.
// Source: xnu iokit/Kernel/IOMapper.cpp, IOMapper::copyMapperForDevice; IOPCIFamily
// IOPCIDevice.cpp (kIOPCIDeviceMemoryMapBaseKey); PCI Express to PCI/PCI-X Bridge Specification,
// 2.3 (requester id); a mapper's unit address is its stream, see devices.cc.

namespace panicscan::analysis {
namespace {

constexpr std::size_t kMostDevices = 8, kDeepest = 64;
/// Where windows usually begin, when the registry does not say.
constexpr std::uint64_t kUsualWindow = 0x80000000;
/// An access so close behind a segment runs over its end: one page of a DART.
constexpr std::uint64_t kPage = 0x4000;

constexpr FactField kFields[] = {
    {"dart", ValueType::text, "the DART of the error"},
    {"device", ValueType::text, "a device behind it, when a registry dump shows one"},
    {"bundle", ValueType::text, "bundle id of its driver extension"},
    {"fault_stream", ValueType::number, "the stream the access came from"},
    {"mapped_stream", ValueType::number, "the stream that mappings of the device are made for"},
    {"mapper", ValueType::text, "the entry that stands for that stream"},
    {"streams", ValueType::text,
     "same or other: whether these are one stream; no-mapper: the device has none, so nobody maps "
     "its DMA; else unknown"},
    {"pci_bridge", ValueType::text,
     "a bridge above the device behind which there is conventional PCI or PCI-X: it sends the "
     "device's requests under its own id"},
    {"dva", ValueType::address, "the address that was accessed"},
    {"window_base", ValueType::address, "where the device's window of addresses begins"},
    {"window_size", ValueType::bytes, "its size"},
    {"window", ValueType::text,
     "where the address lies: base, inside, below, beyond; unknown when the registry does not give "
     "the window, unless it is where windows usually begin"},
    {"segments", ValueType::number, "how many segments the driver's log lines give"},
    {"segment", ValueType::text,
     "where the address lies: start, inside, just-behind, outside; unknown without such lines"},
    {"segment_start", ValueType::address, "of the segment that decides that"},
    {"segment_size", ValueType::bytes, "of the segment that decides that"},
};
constexpr FactSchema kSchema{
    "dart.mapping",
    "Which stream and address a DART stopped, and which ones the driver's mapping was made for.",
    kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

std::optional<std::uint64_t> number(const Fact& fact, std::string_view field) {
  const Value* value = fact.find(field);
  return value == nullptr ? std::nullopt : value->as_number();
}

std::string text(const Fact& fact, std::string_view field) {
  const Value* value = fact.find(field);
  return value == nullptr ? std::string() : format(*value);
}

/// What PrepareForDMA gave, as the driver logged it.
struct Segment {
  std::uint64_t start = 0, size = 0;
  std::uint32_t companion = 0;
  SourceRef where;
};

void add_segments(const Log& log, std::uint32_t companion, std::vector<Segment>& segments) {
  for (const LogEvent& event : log.events) {
    if (event.kind != "dma-segment") continue;
    Segment segment{0, 0, companion, event.where};
    for (const auto& [name, value] : event.values) {
      if (name == "address") segment.start = value.as_number().value_or(0);
      if (name == "length") segment.size = value.as_number().value_or(0);
    }
    if (segment.size > 0) segments.push_back(segment);
  }
}

/// Where an address lies, as seen from one segment; the best view of all segments counts.
enum class Side { start, inside, just_behind, outside };
constexpr std::array<std::string_view, 4> kSides{"start", "inside", "just-behind", "outside"};
constexpr std::array<std::string_view, 4> kSideWords{"where a segment begins", "inside a segment",
                                                     "just behind the end of a segment",
                                                     "in no segment that was logged"};

Side side_of(std::uint64_t address, const Segment& segment) {
  if (address < segment.start) return Side::outside;
  const std::uint64_t offset = address - segment.start;
  if (offset == 0) return Side::start;
  if (offset < segment.size) return Side::inside;
  return offset - segment.size < kPage ? Side::just_behind : Side::outside;
}

/// PCI Express bridges to conventional PCI or PCI-X, of which cards are made. Source: PCI ID
/// Repository.
struct KnownBridge {
  std::uint64_t vendor, device;
};
constexpr std::array kConventional{
    KnownBridge{0x10b5, 0x8111}, KnownBridge{0x10b5, 0x8112},  // PLX PEX 8111, 8112
    KnownBridge{0x10b5, 0x8114},                               // PLX PEX 8114, PCI-X
    KnownBridge{0x104c, 0x8231}, KnownBridge{0x104c, 0x8240},  // TI XIO2000(A), XIO2001
    KnownBridge{0x1b21, 0x1080},                               // ASMedia ASM1083/1085
    KnownBridge{0x12d8, 0xe111},                               // Pericom PI7C9X111SL
    KnownBridge{0x1283, 0x8892},                               // ITE IT8892
};

bool is_conventional_bridge(const DeviceNode& node) {
  const auto vendor = number_of(node.find("vendor-id")), device = number_of(node.find("device-id"));
  return vendor && device && std::ranges::any_of(kConventional, [&](const KnownBridge& bridge) {
           return bridge.vendor == *vendor && bridge.device == *device;
         });
}

/// IOPCIFamily gives functions with a PCI Express capability these properties.
bool has_express_link(const DeviceNode& node) {
  return node.find("IOPCIExpressLinkCapabilities") != nullptr ||
         node.find("IOPCIExpressLinkStatus") != nullptr;
}

/// The bridge to conventional PCI above a device: a known one, or the nearest one with a link of
/// its own when the device has none.
const DeviceNode* conventional_bridge(const std::vector<DeviceNode>& nodes, std::uint32_t device) {
  const DeviceNode* by_link = nullptr;
  auto at = nodes[device].parent;
  for (std::size_t depth = 0; at && depth < kDeepest; ++depth, at = nodes[at->value].parent) {
    const DeviceNode& node = nodes[at->value];
    if (is_conventional_bridge(node)) return &node;
    if (by_link == nullptr && node.class_name == "IOPCIDevice" && has_express_link(node))
      by_link = &node;
  }
  const bool is_device_told = nodes[device].find("pcidebug") != nullptr;
  return is_device_told && !has_express_link(nodes[device]) ? by_link : nullptr;
}

/// What can be said of one device, or of none.
class Mapping {
 public:
  explicit Mapping(const Fact& error) : fact_(kSchema), dart_(text(error, "dart")) {
    fact_.origin = Origin::inferred;
    fact_.set("dart", Value::text(dart_));
    stream_ = number(error, "sid") ? number(error, "sid") : number(error, "stream");
    if (stream_) fact_.set("fault_stream", Value::number(*stream_));
    dva_ = number(error, "dva");
    if (dva_) fact_.set("dva", Value::address(*dva_));
  }

  void no_device() {
    set_streams("unknown", "unknown",
                "no registry dump shows which stream the driver's mapping was made for");
    set_window({}, {});
  }

  void device(const DeviceIndex& index, std::uint32_t i, std::uint32_t companion) {
    const DeviceNode& node = index.nodes()[i];
    fact_.companion = companion;
    where_ = node.where;
    fact_.set("device", Value::text(node.name));
    if (const auto dext = index.driver_extension_below(i)) {
      const std::string bundle = unquoted(index.nodes()[*dext].find("CFBundleIdentifier"));
      const std::string server = unquoted(index.nodes()[*dext].find("IOUserServerName"));
      if (const std::string& name = bundle.empty() ? server : bundle; !name.empty())
        fact_.set("bundle", Value::text(name));
    }
    set_mapper(index, node);
    if (const DeviceNode* bridge = conventional_bridge(index.nodes(), i)) {
      fact_.set("pci_bridge", Value::text(bridge->name));
      fact_.decoded.push_back({"bridge", bridge->name,
                               "conventional PCI or PCI-X behind it: requests of " + node.name +
                                   " leave it under the bridge's id"});
    }
    set_window(number_of(node.find("IOPCIDeviceMemoryMapBase")),
               number_of(node.find("IOPCIDeviceMemoryMapSize")));
  }

  void segments(const std::vector<Segment>& all) {
    fact_.set("segments", Value::number(all.size()));
    if (all.empty() || !dva_) {
      fact_.set("segment", Value::text("unknown"));
      return;
    }
    const auto best = std::ranges::min_element(
        all, {}, [&](const Segment& segment) { return side_of(*dva_, segment); });
    const auto side = static_cast<std::size_t>(side_of(*dva_, *best));
    fact_.set("segment", Value::text(std::string(kSides[side])));
    const std::string words(kSideWords[side]);
    // Without a device all there is to point at is the log.
    if (fact_.find("device") == nullptr) fact_.companion = best->companion;
    std::string range;
    if (kSides[side] != "outside") {
      fact_.set("segment_start", Value::address(best->start));
      fact_.set("segment_size", Value::of(ValueType::bytes, best->size));
      range = hex(best->start) + " + " + hex(best->size);
    } else {
      range =
          all.size() == 1 ? "1 segment logged" : std::to_string(all.size()) + " segments logged";
    }
    fact_.decoded.push_back({"segment", range, hex(*dva_) + " lies " + words});
    const bool is_of_same_file = best->companion == fact_.companion;
    fact_.because.push_back({hex(*dva_) + " lies " + words + (range.empty() ? "" : ": " + range),
                             is_of_same_file ? best->where : SourceRef{},
                             {},
                             {}});
  }

  /// Whether mappings of the device are made for the stream of the fault.
  bool has_fault_stream() const { return text(fact_, "streams") == "same"; }

  Fact take() { return std::move(fact_); }

 private:
  void set_mapper(const DeviceIndex& index, const DeviceNode& node) {
    const std::string fault = stream_
                                  ? "the access came from stream " + std::to_string(*stream_)
                                  : std::string("the access came from a stream that is not said");
    const auto handle = number_of(node.find("iommu-parent"));
    if (!handle) {
      set_streams(
          "no-mapper", "none",
          fault + "; " + node.name + " has no iommu-parent of its own, so nobody maps its DMA");
      return;
    }
    const std::string prefix = "mapper-" + controller_of_dart(dart_);
    const auto is_mapper = [&](const DeviceNode& mapper) {
      const std::string_view name = bare_name(mapper);
      return name.starts_with(prefix) &&
             (name.size() == prefix.size() || name[prefix.size()] == '-') &&
             number_of(mapper.find("AAPL,phandle")) == handle;
    };
    const auto mapper = std::ranges::find_if(index.nodes(), is_mapper);
    if (mapper == index.nodes().end() || !stream_) {
      set_streams("unknown", hex(*handle),
                  fault + "; no mapper of " + dart_ + " has the handle in the iommu-parent of " +
                      node.name);
      return;
    }
    const std::uint64_t mapped = parse_hex(location(*mapper)).value_or(0);
    fact_.set("mapper", Value::text(mapper->name));
    fact_.set("mapped_stream", Value::number(mapped));
    const bool is_same = mapped == *stream_;
    set_streams(is_same ? "same" : "other", mapper->name,
                fault + (is_same ? ", the one that mappings of " + node.name + " are made for"
                                 : "; mappings of " + node.name + " are made for stream " +
                                       std::to_string(mapped)));
  }

  void set_streams(std::string_view word, std::string value, std::string says) {
    fact_.set("streams", Value::text(std::string(word)));
    fact_.decoded.push_back({"mapping", std::move(value), says});
    fact_.because.push_back({std::move(says), where_, {}, {}});
  }

  void set_window(std::optional<std::uint64_t> base, std::optional<std::uint64_t> size) {
    if (base) fact_.set("window_base", Value::address(*base));
    if (size && *size > 0) fact_.set("window_size", Value::of(ValueType::bytes, *size));
    std::string_view word = "unknown";
    if (dva_ && base) {
      word = *dva_ == *base          ? "base"
             : *dva_ < *base         ? "below"
             : !size || *size == 0   ? "unknown"
             : *dva_ - *base < *size ? "inside"
                                     : "beyond";
    } else if (dva_ == kUsualWindow) {
      word = "base";
    }
    fact_.set("window", Value::text(std::string(word)));
    if (base && dva_ && word != "unknown")
      fact_.decoded.push_back(
          {"window", hex(*base) + (size ? " + " + hex(*size) : ""),
           hex(*dva_) + " lies " + (word == "base" ? "at its base" : std::string(word) + " it")});
  }

  Fact fact_;
  std::string dart_;
  SourceRef where_;
  std::optional<std::uint64_t> stream_, dva_;
};

void run(const Input& input, Facts& facts) {
  const Fact* error = facts.find("dart.error");
  if (error == nullptr || text(*error, "device_class") != "pcie") return;
  const Fact stopped = *error;
  std::vector<Segment> segments;
  add_segments(input.report.log, 0, segments);
  for (std::uint32_t i = 0; i < input.companions.size(); ++i)
    add_segments(input.companions[i].report.log, i + 1, segments);

  std::size_t published = 0;
  const auto publish = [&](Mapping mapping) {
    mapping.segments(segments);
    facts.all.push_back(mapping.take());
    ++published;
  };
  const auto publish_tree = [&](const DeviceTree& tree, std::uint32_t companion) {
    const auto devices = pci_devices_below(tree, controller_of_dart(text(stopped, "dart")));
    if (devices.empty()) return;
    const DeviceIndex index(tree);
    std::vector<Mapping> mappings;
    for (const std::uint32_t device : devices)
      mappings.emplace_back(stopped).device(index, device, companion);
    // Once the stream is known to be somebody's, the mappings of others say nothing.
    const bool is_somebodys = std::ranges::any_of(mappings, &Mapping::has_fault_stream);
    for (Mapping& mapping : mappings) {
      if (published == kMostDevices) return;
      if (!is_somebodys || mapping.has_fault_stream()) publish(std::move(mapping));
    }
  };
  publish_tree(input.report.devices, 0);
  for (std::uint32_t i = 0; i < input.companions.size(); ++i)
    publish_tree(input.companions[i].report.devices, i + 1);
  if (published > 0) return;
  Mapping mapping(stopped);
  mapping.no_device();
  publish(std::move(mapping));
}

}  // namespace

constinit const Analysis kDartMapping{"dart_mapping", kSchemas, run};

}  // namespace panicscan::analysis
