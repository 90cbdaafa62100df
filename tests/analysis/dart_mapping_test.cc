// Which stream a DART stopped and which one the driver's mapping was made for.

#include "analysis/facts_of.h"

namespace panicscan {
namespace {

using Properties = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kFault =
    "dart-apciec0 (0xfffffe24ccd2a000): DART DART exception SID 0 ERROR_STATUS 0x80000001 "
    "ERROR_ADDRESS 0x0000000080000000 (no exceptionInfo)";

/// A Thunderbolt port with a card behind it: a bridge on the card, and one device.
class Registry {
 public:
  explicit Registry(std::string_view message = kFault) : report_(report_saying(message).build()) {
    add({}, "dart-apciec0@0", "AppleARMIODevice", {});
    add(0, "mapper-apciec0@0", "IODARTMapperNub", {{"AAPL,phandle", "<31000000>"}});
    add(0, "mapper-apciec0@5", "IODARTMapperNub", {{"AAPL,phandle", "<36000000>"}});
    add({}, "apciec0@30000000", "AppleARMIODevice", {});
    add(3, "pcic0-bridge@0", "IOPCIDevice", {{"IOPCIExpressLinkStatus", "4098"}});
    add(4, "pci-bridge@0", "IOPCIDevice",
        {{"vendor-id", "<b5100000>"}, {"device-id", "<14810000>"}, {"IOPCITunnelled", "Yes"}});
  }
  Registry& device(const std::string& name, Properties properties) {
    properties.emplace_back("pcidebug", "\"4:8:0\"");
    add(5, name, "IOPCIDevice", std::move(properties));
    add(static_cast<std::uint32_t>(report_.devices.nodes.size() - 1), "ExampleHBA", "IOUserService",
        {{"IOUserClass", "\"ExampleHBA\""}, {"IOUserServerName", "\"com.example.hba\""}});
    return *this;
  }
  Registry& express() {
    report_.devices.nodes[5].properties = {{"IOPCIExpressLinkStatus", "4098"}};
    return *this;
  }
  Registry& segment(std::uint64_t start, std::uint64_t length) {
    LogEvent event;
    event.kind = "dma-segment";
    event.values = {{"address", Value::address(start)}, {"length", Value::hex(length)}};
    report_.log.events.push_back(std::move(event));
    return *this;
  }
  Facts facts() const { return facts_of(report_); }
  std::string of(std::string_view name) const { return field(facts(), "dart.mapping", name); }

 private:
  void add(std::optional<std::uint32_t> parent, std::string name, std::string class_name,
           Properties properties) {
    DeviceNode node;
    if (parent) node.parent = Index<DeviceNode>{*parent};
    node.name = std::move(name);
    node.class_name = std::move(class_name);
    node.properties = std::move(properties);
    report_.devices.nodes.push_back(std::move(node));
  }

  Report report_;
};

std::string first_reason(const Facts& facts) {
  const Fact* fact = facts.find("dart.mapping");
  return fact == nullptr || fact->because.empty() ? "-" : fact->because.front().says;
}

}  // namespace

TEST_CASE("the stream of the fault is compared with the one the mapping was made for") {
  SECTION("another one") {
    const Facts facts = Registry().device("scsi@8", {{"iommu-parent", "<36000000>"}}).facts();
    CHECK(field(facts, "dart.mapping", "streams") == "other");
    CHECK(field(facts, "dart.mapping", "fault_stream") == "0");
    CHECK(field(facts, "dart.mapping", "mapped_stream") == "5");
    CHECK(field(facts, "dart.mapping", "mapper") == "mapper-apciec0@5");
    CHECK(field(facts, "dart.mapping", "device") == "scsi@8");
    CHECK(field(facts, "dart.mapping", "bundle") == "com.example.hba");
    CHECK(first_reason(facts) ==
          "the access came from stream 0; mappings of scsi@8 are made for stream 5");
    CHECK(facts.find("dart.mapping")->origin == Origin::inferred);
  }
  SECTION("the same") {
    const Registry registry = Registry().device("scsi@8", {{"iommu-parent", "<31000000>"}});
    CHECK(registry.of("streams") == "same");
    CHECK(registry.of("mapped_stream") == "0");
  }
  SECTION("none: the device has no mapper") {
    const Registry registry = Registry().device("scsi@8", {});
    CHECK(registry.of("streams") == "no-mapper");
    CHECK(registry.of("mapped_stream") == "-");
  }
  SECTION("the handle is not that of a mapper of this DART") {
    CHECK(Registry().device("scsi@8", {{"iommu-parent", "<99000000>"}}).of("streams") == "unknown");
  }
  SECTION("no registry dump") {
    const Facts facts = facts_of(kFault);
    REQUIRE(count(facts, "dart.mapping") == 1);
    CHECK(field(facts, "dart.mapping", "streams") == "unknown");
    CHECK(field(facts, "dart.mapping", "segment") == "unknown");
    CHECK(field(facts, "dart.mapping", "window") == "base");
  }
}

TEST_CASE("once the stream is somebody's, the mappings of other devices say nothing") {
  const Facts facts = Registry()
                          .device("ethernet@7", {{"iommu-parent", "<36000000>"}})
                          .device("scsi@8", {{"iommu-parent", "<31000000>"}})
                          .facts();
  CHECK(count(facts, "dart.mapping") == 1);
  CHECK(field(facts, "dart.mapping", "device") == "scsi@8");
  CHECK(count(Registry().device("a@1", {}).device("b@2", {}).facts(), "dart.mapping") == 2);
}

TEST_CASE("a bridge to conventional PCI sends requests under its own id") {
  SECTION("a known one") {
    CHECK(Registry().device("scsi@8", {}).of("pci_bridge") == "pci-bridge@0");
    CHECK(Registry().device("scsi@8", {{"IOPCIExpressLinkStatus", "1"}}).of("pci_bridge") ==
          "pci-bridge@0");
  }
  SECTION("an unknown one: it has a PCI Express link and the device has none") {
    CHECK(Registry().express().device("scsi@8", {}).of("pci_bridge") == "pci-bridge@0");
  }
  SECTION("a device with a link of its own is behind no such bridge") {
    CHECK(
        Registry().express().device("scsi@8", {{"IOPCIExpressLinkStatus", "1"}}).of("pci_bridge") ==
        "-");
  }
}

TEST_CASE("the address is compared with the device's window") {
  const auto window = [](std::string base, Properties more = {}) {
    more.emplace_back("IOPCIDeviceMemoryMapBase", std::move(base));
    return Registry().device("scsi@8", std::move(more)).of("window");
  };
  CHECK(window("2147483648") == "base");
  CHECK(window("2147500032") == "below");
  CHECK(window("1073741824") == "unknown");
  CHECK(window("1073741824", {{"IOPCIDeviceMemoryMapSize", "2147483648"}}) == "inside");
  CHECK(window("1073741824", {{"IOPCIDeviceMemoryMapSize", "1073741824"}}) == "beyond");
}

TEST_CASE("the address is compared with the segments that the driver logged") {
  CHECK(Registry().segment(0x80000000, 0x4000).of("segment") == "start");
  CHECK(Registry().segment(0x7fffc000, 0x8000).of("segment") == "inside");
  CHECK(Registry().segment(0x7fff0000, 0x10000).of("segment") == "just-behind");
  CHECK(Registry().segment(0x70000000, 0x4000).of("segment") == "outside");
  CHECK(Registry().segment(0x80000001, 0x4000).of("segment") == "outside");
  const Registry both = Registry().segment(0x70000000, 0x4000).segment(0x80000000, 0x4000);
  CHECK(both.of("segment") == "start");
  CHECK(both.of("segments") == "2");
  CHECK(both.of("segment_start") == "0x0000000080000000");
  // Numbers that no driver can mean end nowhere near a fault.
  CHECK(Registry().segment(0x80000001, ~std::uint64_t{0}).of("segment") == "outside");
}

TEST_CASE("a DART of the chip's own blocks maps for no driver extension") {
  CHECK(count(facts_of("dart-disp0 (0xfffffe24ccd2a000): DART DART exception SID 0 ERROR_STATUS "
                       "0x80000001 ERROR_ADDRESS 0x80000000"),
              "dart.mapping") == 0);
}

}  // namespace panicscan
