#include "analysis/analysis.h"

#include <algorithm>
#include <span>

#include "analysis/device_index.h"
#include "analysis/message.h"
#include "base/text.h"

// What a registry dump says of the drivers in it, and where in it the device of a DART error and
// the busy entries of a panic are.
//
// A DART is the node dart-NAME; below it a mapper-NAME… stands for each stream, whose unit address
// is the stream's number. A device names its mapper by handle: its "iommu-parent" is the mapper's
// "AAPL,phandle". Source: device trees as printed by ioreg; IOPCIFamily IOPCIBridge.cpp
// ("iommu-parent"); xnu iokit/Kernel/IOMapper.cpp IOMapper::copyMapperForDevice.

namespace panicscan::analysis {
namespace {

constexpr FactField kPlaceFields[] = {
    {"name", ValueType::text, "the entry"},
    {"class", ValueType::text, "its class in the kernel"},
    {"path", ValueType::text, "where it stands in the registry"},
    {"busy", ValueType::number, "its busy count"},
    {"waited", ValueType::milliseconds, "how long it has been busy in all"},
    {"bundle", ValueType::text, "bundle id of the driver extension at it or below it"},
    {"user_class", ValueType::text, "class of that driver extension"},
    {"bdf", ValueType::text, "bus, device and function of the PCI device it is or belongs to"},
    {"vendor_id", ValueType::hex, "of that PCI device"},
    {"device_id", ValueType::hex, "of that PCI device"},
    {"tunnelled", ValueType::boolean, "whether that PCI device is behind Thunderbolt"},
};
constexpr FactField kStreamFields[] = {
    {"dart", ValueType::text, "the DART of the error"},
    {"stream", ValueType::number, "the stream of the error"},
    {"mapper", ValueType::text, "the entry that stands for the stream"},
    {"name", ValueType::text, "a device whose accesses go through it"},
    {"class", ValueType::text, "its class in the kernel"},
    {"path", ValueType::text, "where it stands in the registry"},
    {"bundle", ValueType::text, "bundle id of the driver extension at it or below it"},
    {"user_class", ValueType::text, "class of that driver extension"},
    {"bdf", ValueType::text, "bus, device and function"},
    {"vendor_id", ValueType::hex, "PCI vendor"},
    {"device_id", ValueType::hex, "PCI device"},
    {"tunnelled", ValueType::boolean, "whether it is behind Thunderbolt"},
};
constexpr FactField kDextFields[] = {
    {"name", ValueType::text, "the entry"},
    {"class", ValueType::text, "the class of the kernel's object (IOClass)"},
    {"user_class", ValueType::text, "the class in the driver extension (IOUserClass)"},
    {"bundle", ValueType::text, "its bundle id"},
    {"kernel_bundle", ValueType::text, "CFBundleIdentifierKernel: who has the kernel's class"},
    {"provider", ValueType::text, "the entry it drives"},
    {"provider_class", ValueType::text, "and its class"},
    {"path", ValueType::text, "where it stands in the registry"},
    {"dma_base", ValueType::address,
     "where the DMA addresses of its device begin (IOPCIDeviceMemoryMapBase)"},
    {"registered", ValueType::boolean, "whether registerService() was called"},
    {"active", ValueType::boolean, "whether it is not being terminated"},
    {"busy", ValueType::number, "its busy count"},
};
constexpr FactSchema kBusy{"device.busy", "An entry of a registry dump that is busy for itself.",
                           kPlaceFields};
constexpr FactSchema kBusyEntry{
    "device.busy_entry", "Where in a registry dump a busy entry of the panic is.", kPlaceFields};
constexpr FactSchema kStream{"device.dart_stream",
                             "Which device is behind the stream of a DART error.", kStreamFields};
constexpr FactSchema kDext{"device.dext", "A service of a driver extension in a registry dump.",
                           kDextFields};

constexpr const FactSchema* kSchemas[] = {&kBusy, &kBusyEntry, &kStream, &kDext};

/// So many facts of a kind come from one dump at most.
constexpr std::size_t kMostFacts = 50, kMostPlaces = 8;

/// Facts from one registry dump.
class DeviceFacts {
 public:
  DeviceFacts(const DeviceTree& tree, std::uint32_t companion, Facts& facts)
      : index_(tree), companion_(companion), facts_(facts) {}

  void publish() {
    publish_dexts();
    publish_busy();
    // Facts are added below: the ones of the panic are looked at by position.
    for (std::size_t i = 0, count = facts_.all.size(); i < count; ++i) {
      const Fact fact = facts_.all[i];
      if (fact.schema->name == "iokit.busy_entry") place_busy_entry(fact);
      if (fact.schema->name == "dart.error") place_stream(fact);
    }
  }

 private:
  const DeviceNode& node(std::uint32_t i) const { return index_.nodes()[i]; }

  Fact begin(const FactSchema& schema, std::uint32_t i) const {
    Fact fact(schema);
    fact.companion = companion_;
    set_text(fact, "name", node(i).name);
    set_text(fact, "class", node(i).class_name);
    set_text(fact, "path", index_.path(i));
    return fact;
  }

  static void set_text(Fact& fact, std::string_view field, std::string text) {
    if (!text.empty()) fact.set(field, Value::text(std::move(text)));
  }

  /// The PCI device that the entry is or belongs to, and the driver extension at it or below it.
  void add_device(Fact& fact, std::uint32_t i) const {
    std::string bdf = unquoted(index_.inherited(i, "pcidebug"));
    bdf = bdf.substr(0, bdf.find('('));
    set_text(fact, "bdf", bdf);
    if (!bdf.empty()) {
      if (const auto id = number_of(index_.inherited(i, "vendor-id")))
        fact.set("vendor_id", Value::hex(*id));
      if (const auto id = number_of(index_.inherited(i, "device-id")))
        fact.set("device_id", Value::hex(*id));
      const std::string* tunnelled = index_.inherited(i, "IOPCITunnelled");
      fact.set("tunnelled", Value::boolean(tunnelled != nullptr && *tunnelled == "Yes"));
    }
    if (const auto dext = index_.driver_extension_below(i)) {
      set_text(fact, "bundle", bundle_of(node(*dext)));
      set_text(fact, "user_class", unquoted(node(*dext).find("IOUserClass")));
    }
  }

  static std::string bundle_of(const DeviceNode& dext) {
    const std::string bundle = unquoted(dext.find("CFBundleIdentifier"));
    return bundle.empty() ? unquoted(dext.find("IOUserServerName")) : bundle;
  }

  void add_busy(Fact& fact, std::uint32_t i) const {
    if (node(i).busy) fact.set("busy", Value::number(*node(i).busy));
    if (node(i).busy_ms) fact.set("waited", Value::of(ValueType::milliseconds, *node(i).busy_ms));
  }

  /// "2:0:0, behind Thunderbolt, driven by ExampleNIC of com.example.driver"
  static std::string words(const Fact& fact) {
    std::string text;
    const auto add = [&](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
    const auto value = [&](std::string_view field) {
      const Value* found = fact.find(field);
      return found == nullptr ? std::string() : format(*found);
    };
    if (!value("busy").empty())
      add("busy " + value("busy") +
          (value("waited").empty() ? "" : " (" + value("waited") + " in all)"));
    if (!value("bdf").empty()) add("PCI " + value("bdf"));
    if (const Value* v = fact.find("tunnelled"); v != nullptr && v->as_number() == 1u)
      add("behind Thunderbolt");
    if (!value("bundle").empty())
      add("driven by " + (value("user_class").empty() ? "" : value("user_class") + " of ") +
          value("bundle"));
    return text;
  }

  void keep(Fact fact, std::uint32_t i, std::string says) {
    fact.because.push_back({std::move(says), node(i).where, {}, {}});
    facts_.all.push_back(std::move(fact));
  }

  static std::string dext_words(const Fact& fact, const DeviceNode& node) {
    const Value* user_class = fact.find("user_class");
    std::string text = user_class == nullptr ? "" : format(*user_class) + " of ";
    const Value* bundle = fact.find("bundle");
    text += bundle == nullptr ? "an unnamed bundle" : format(*bundle);
    if (!node.is_active) text += ", being terminated";
    if (!node.is_registered) text += ", not registered";
    if (node.busy.value_or(0) > 0) text += ", busy " + std::to_string(*node.busy);
    return text;
  }

  void publish_dexts() {
    std::size_t left = kMostFacts;
    for (std::uint32_t i = 0; i < index_.nodes().size() && left > 0; ++i) {
      if (!is_driver_extension(node(i))) continue;
      --left;
      Fact fact = begin(kDext, i);
      set_text(fact, "user_class", unquoted(node(i).find("IOUserClass")));
      set_text(fact, "bundle", bundle_of(node(i)));
      set_text(fact, "kernel_bundle", unquoted(node(i).find("CFBundleIdentifierKernel")));
      if (node(i).parent) {
        const DeviceNode& provider = node(node(i).parent->value);
        set_text(fact, "provider", provider.name);
        set_text(fact, "provider_class", provider.class_name);
      }
      if (const auto base = number_of(index_.inherited(i, "IOPCIDeviceMemoryMapBase")))
        fact.set("dma_base", Value::address(*base));
      fact.set("registered", Value::boolean(node(i).is_registered));
      fact.set("active", Value::boolean(node(i).is_active));
      if (node(i).busy) fact.set("busy", Value::number(*node(i).busy));
      fact.decoded.push_back({node(i).name, node(i).class_name, dext_words(fact, node(i))});
      keep(std::move(fact), i,
           "the registry has " + node(i).name + ", which is " + node(i).class_name +
               " in the kernel");
    }
  }

  void publish_busy() {
    std::size_t left = kMostFacts;
    for (std::uint32_t i = 0; i < index_.nodes().size() && left > 0; ++i) {
      if (!index_.is_busy_leaf(i)) continue;
      --left;
      Fact fact = begin(kBusy, i);
      add_busy(fact, i);
      add_device(fact, i);
      fact.decoded.push_back({node(i).name, index_.path(i), words(fact)});
      keep(std::move(fact), i, node(i).name + " is busy in the registry");
    }
  }

  void place_busy_entry(const Fact& entry) {
    const Value* name = entry.find("name");
    if (name == nullptr) return;
    const auto& found = index_.named(format(*name));
    // Of many entries of one name those that are busy are meant.
    std::vector<std::uint32_t> places;
    for (const std::uint32_t i : found)
      if (node(i).busy.value_or(0) > 0) places.push_back(i);
    for (const std::uint32_t i : first_of(places.empty() ? found : places)) {
      Fact fact = begin(kBusyEntry, i);
      fact.origin = Origin::inferred;
      add_busy(fact, i);
      add_device(fact, i);
      fact.decoded.push_back({node(i).name, index_.path(i), words(fact)});
      keep(std::move(fact), i, format(*name) + " is at " + index_.path(i));
    }
  }

  static std::span<const std::uint32_t> first_of(const std::vector<std::uint32_t>& places) {
    return std::span(places).first(std::min(places.size(), kMostPlaces));
  }

  void place_stream(const Fact& error) {
    const Value* dart = error.find("dart");
    const Value* sid = error.find("sid") != nullptr ? error.find("sid") : error.find("stream");
    if (dart == nullptr || sid == nullptr || !sid->as_number()) return;
    std::string name = format(*dart);
    if (name.starts_with("dart-")) name.erase(0, 5);
    const std::string prefix = "mapper-" + name;
    std::size_t left = kMostPlaces;
    for (std::uint32_t i = 0; i < index_.nodes().size(); ++i) {
      const std::string_view mapper = bare_name(node(i));
      const bool is_of_dart = mapper.starts_with(prefix) &&
                              (mapper.size() == prefix.size() || mapper[prefix.size()] == '-');
      const auto unit = parse_hex(location(node(i)));
      if (!is_of_dart || (unit ? *unit : 0) != *sid->as_number()) continue;
      const auto handle = number_of(node(i).find("AAPL,phandle"));
      if (!handle) continue;
      for (const std::uint32_t device : index_.behind_mapper(*handle)) {
        if (left-- == 0) return;
        Fact fact = begin(kStream, device);
        fact.origin = Origin::inferred;
        fact.set("dart", *dart);
        fact.set("stream", Value::number(*sid->as_number()));
        set_text(fact, "mapper", node(i).name);
        add_device(fact, device);
        fact.decoded.push_back({"stream " + format(*sid), index_.path(device), words(fact)});
        keep(std::move(fact), device,
             "stream " + format(*sid) + " of " + format(*dart) + " is that of " +
                 index_.path(device) + ", by way of " + node(i).name);
      }
    }
  }

  DeviceIndex index_;
  std::uint32_t companion_;
  Facts& facts_;
};

void run(const Input& input, Facts& facts) {
  const auto publish = [&](const DeviceTree& tree, std::size_t companion) {
    if (tree.nodes.empty()) return;
    DeviceFacts(tree, static_cast<std::uint32_t>(companion), facts).publish();
  };
  publish(input.report.devices, 0);
  for (std::size_t i = 0; i < input.companions.size(); ++i)
    publish(input.companions[i].report.devices, i + 1);
}

}  // namespace

constinit const Analysis kDevices{"devices", kSchemas, run};

}  // namespace panicscan::analysis
