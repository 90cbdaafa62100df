#include "analysis/facts_of.h"

namespace panicscan {
namespace {

void add_node(Report& report, std::optional<std::uint32_t> parent, std::string name,
              std::string class_name,
              std::vector<std::pair<std::string, std::string>> properties = {}) {
  DeviceNode node;
  if (parent) node.parent = Index<DeviceNode>{*parent};
  node.name = std::move(name);
  node.class_name = std::move(class_name);
  node.properties = std::move(properties);
  report.devices.nodes.push_back(std::move(node));
}

/// A port with a tunnelled bridge and two devices; only one of them has a mapper of its own.
Report with_registry(std::string_view message) {
  Report report = report_saying(message).build();
  add_node(report, {}, "apciec0@30000000", "AppleARMIODevice");
  add_node(report, 0, "pcic0-bridge@0", "IOPCIDevice", {{"iommu-parent", "<97000000>"}});
  add_node(report, 1, "IOPP", "IOPCI2PCIBridge");
  add_node(report, 2, "pci-bridge@1", "IOPCIDevice", {{"IOPCITunnelled", "Yes"}});
  add_node(report, 3, "firewire@0", "IOPCIDevice", {{"IOPCITunnelled", "Yes"}});
  add_node(report, 2, "ethernet@2", "IOPCIDevice", {{"iommu-parent", "<98000000>"}});
  add_node(report, {}, "apciec1@31000000", "AppleARMIODevice");
  add_node(report, 6, "nvme@0", "IOPCIDevice");
  return report;
}

}  // namespace

TEST_CASE("the bridges between a DART's port and its devices are listed from the registry") {
  const Facts facts = facts_of(with_registry(
      "dart-apciec0 (0xfffffe24ccd2a000): DART DART exception SID 0 ERROR_STATUS 0x80000001 "
      "ERROR_ADDRESS 0x0000000080000000 (no exceptionInfo)"));
  REQUIRE(count(facts, "pcie.path") == 2);
  CHECK(field(facts, "pcie.path", "device") == "firewire@0");
  CHECK(field(facts, "pcie.path", "path") ==
        "apciec0@30000000, pcic0-bridge@0, pci-bridge@1, firewire@0");
  CHECK(field(facts, "pcie.path", "bridges") == "2");
  CHECK(field(facts, "pcie.path", "tunnelled") == "2");
  CHECK(field(facts, "pcie.path", "has_mapper") == "no");
  CHECK(field(facts, "pcie.path", "mapper_owner") == "pcic0-bridge@0");
}

TEST_CASE("a port is found by the name in its brackets") {
  const Facts facts = facts_of(
      with_registry("apciec[pcic0-bridge] unhandled interrupts (0x200000 out of 0x220000)"));
  CHECK(count(facts, "pcie.path") == 2);
  CHECK(field(facts, "pcie.path", "root") == "pcic0-bridge@0");
}

TEST_CASE("a registry without that port, or a panic without one, gives no path") {
  CHECK(count(facts_of(with_registry("something else")), "pcie.path") == 0);
  CHECK(count(facts_of(with_registry("dart-disp0 (0xfffffe24ccd2a000): DART DART exception SID 0 "
                                     "ERROR_STATUS 0x80000001 ERROR_ADDRESS 0x80000000")),
              "pcie.path") == 0);
}

}  // namespace panicscan
