#include "parsers/ioreg.h"

#include "catch.h"
#include "model/validate.h"
#include "parsers/format.h"
#include "parsers/plist.h"

namespace panicscan::parsers {
namespace {

Report read(std::string text, const Limits& limits = {}) {
  auto report = parse(source_from_text("ioreg.txt", std::move(text)), limits);
  REQUIRE(report.has_value());
  CHECK(validate(*report) == std::vector<std::string>{});
  return *std::move(report);
}

constexpr const char* kText =
    R"(+-o Root  <class IORegistryEntry, id 0x100000100, retain 24>
  | {
  |   "IOKitBuildVersion" = "Darwin Kernel Version 24.5.0"
  | }
  |
  +-o apciec1@30000000  <class AppleARMIODevice, id 0x100000200, registered, matched, active, busy 1 (61234 ms), retain 12>
  | | {
  | |   "iommu-parent" = <31000000>
  | |   "IODeviceMemory" = (({"address"=12884901888,"length"=4096}),"a")
  | | }
  | |
  | +-o pci-bridge0@0  <class IOPCIDevice, id 0x100000321, !registered, !matched, !active, busy 0, retain 5>
  |     {
  |       "IOPCITunnelled" = Yes
  |     }
  |
  +-o IOResources  <class IOResources, id 0x100000102, registered, matched, active, busy 0 (3 ms), retain 30>
)";

constexpr const char* kPlist = R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>IOKitBuildVersion</key><string>Darwin Kernel Version 24.5.0</string>
  <key>IOObjectClass</key><string>IORegistryEntry</string>
  <key>IOObjectRetainCount</key><integer>24</integer>
  <key>IORegistryEntryChildren</key>
  <array>
    <dict>
      <key>iommu-parent</key><data>MQAAAA==</data>
      <key>IODeviceMemory</key>
      <array><array><dict><key>address</key><integer>12884901888</integer><key>length</key><integer>4096</integer></dict></array><string>a</string></array>
      <key>IOObjectClass</key><string>AppleARMIODevice</string>
      <key>IOObjectRetainCount</key><integer>12</integer>
      <key>IORegistryEntryChildren</key>
      <array>
        <dict>
          <key>IOObjectClass</key><string>IOPCIDevice</string>
          <key>IOObjectRetainCount</key><integer>5</integer>
          <key>IOPCITunnelled</key><true/>
          <key>IORegistryEntryID</key><integer>4294968097</integer>
          <key>IORegistryEntryLocation</key><string>0</string>
          <key>IORegistryEntryName</key><string>pci-bridge0</string>
          <key>IOServiceBusyState</key><integer>0</integer>
          <key>IOServiceState</key><integer>1</integer>
        </dict>
      </array>
      <key>IORegistryEntryID</key><integer>4294967808</integer>
      <key>IORegistryEntryLocation</key><string>30000000</string>
      <key>IORegistryEntryName</key><string>apciec1</string>
      <key>IOServiceBusyState</key><integer>1</integer>
      <key>IOServiceBusyTime</key><integer>61234000000</integer>
      <key>IOServiceState</key><integer>30</integer>
    </dict>
    <dict>
      <key>IOObjectClass</key><string>IOResources</string>
      <key>IOObjectRetainCount</key><integer>30</integer>
      <key>IORegistryEntryID</key><integer>4294967554</integer>
      <key>IORegistryEntryName</key><string>IOResources</string>
      <key>IOServiceBusyState</key><integer>0</integer>
      <key>IOServiceBusyTime</key><integer>3000000</integer>
      <key>IOServiceState</key><integer>30</integer>
    </dict>
  </array>
  <key>IORegistryEntryID</key><integer>4294967552</integer>
  <key>IORegistryEntryName</key><string>Root</string>
</dict>
</plist>
)";

std::string described(const DeviceTree& tree) {
  std::string text;
  for (const DeviceNode& node : tree.nodes) {
    text += node.name + " " + node.class_name + " id " + std::to_string(node.id.value_or(0)) +
            (node.is_registered ? " registered" : "") + (node.is_matched ? " matched" : "") +
            (node.is_active ? " active" : "");
    if (node.parent) text += " below " + tree.nodes[node.parent->value].name;
    if (node.busy) text += " busy " + std::to_string(*node.busy);
    if (node.busy_ms) text += " for " + std::to_string(*node.busy_ms);
    if (node.retain) text += " retain " + std::to_string(*node.retain);
    for (const auto& [name, value] : node.properties) text += " [" + name + "=" + value + "]";
    text += "\n";
  }
  return text;
}

std::string nested_plist(std::size_t depth) {
  std::string text = "<plist><dict><key>IOObjectClass</key><string>A</string><key>p</key>";
  for (std::size_t i = 0; i < depth; ++i) text += "<array>";
  return text;
}

}  // namespace

TEST_CASE("the registry is read from text: tree, state and properties") {
  const Report report = read(kText);
  CHECK(report.kind == ReportKind::device_tree);
  CHECK(report.format == "ioreg");
  CHECK(described(report.devices) ==
        "Root IORegistryEntry id 4294967552 active retain 24 "
        "[IOKitBuildVersion=\"Darwin Kernel Version 24.5.0\"]\n"
        "apciec1@30000000 AppleARMIODevice id 4294967808 registered matched active below Root busy "
        "1 for 61234 retain 12 [iommu-parent=<31000000>] "
        "[IODeviceMemory=(({\"address\"=12884901888,\"length\"=4096}),\"a\")]\n"
        "pci-bridge0@0 IOPCIDevice id 4294968097 below apciec1@30000000 busy 0 retain 5 "
        "[IOPCITunnelled=Yes]\n"
        "IOResources IOResources id 4294967554 registered matched active below Root busy 0 for 3 "
        "retain 30\n");
  CHECK(report.notes.empty());
  REQUIRE(report.devices.nodes[1].find("iommu-parent") != nullptr);
  CHECK(report.devices.nodes[1].find("nothing") == nullptr);
}

TEST_CASE("the registry as a property list is the same tree") {
  CHECK(described(read(kPlist).devices) == described(read(kText).devices));
}

TEST_CASE("a registry cut anywhere is what came before the cut") {
  for (const std::string text : {kText, kPlist}) {
    for (std::size_t cut = text.size() - 60; cut > 700; cut -= 37) {
      INFO(cut);
      const Report report = read(text.substr(0, cut));
      CHECK(report.kind == ReportKind::device_tree);
      CHECK_FALSE(report.devices.nodes.empty());
    }
  }
}

TEST_CASE("nesting in a property list ends at its limit, however deep") {
  const Report report = read(nested_plist(1'000'000));
  REQUIRE(report.truncated);
  CHECK(report.notes.front().text.find("--limit-plist-depth") != std::string::npos);
}

TEST_CASE("entities of the document's own are refused") {
  const auto plist = read_plist(
      "<!DOCTYPE plist [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>"
      "<plist><string>&b;</string></plist>",
      {});
  CHECK((!plist.has_value() || plist->damage == "entities of its own are not read"));
}

TEST_CASE("a chain of entries deeper than any stack is read") {
  std::string text;
  for (std::size_t i = 0; i < 3000; ++i)
    text += std::string(2 * i, ' ') + "+-o n  <class C, id 0x1, retain 1>\n";
  const Report report = read(text);
  CHECK(report.devices.nodes.size() == 3000);
  CHECK(report.devices.nodes.back().parent == Index<DeviceNode>{2998});
}

TEST_CASE("entries beyond the limit are counted and said") {
  Limits limits;
  limits.device_nodes = 2;
  for (const char* text : {kText, kPlist}) {
    const Report report = read(text, limits);
    CHECK(report.devices.nodes.size() == 2);
    REQUIRE(report.truncated);
    CHECK(report.notes.front().text ==
          "2 further entries of the registry are left out: more than the limit of 2 "
          "(--limit-device-nodes)");
  }
}

TEST_CASE("kcdata inside a property list is found and read") {
  // An empty crash-info buffer: BUFFER_BEGIN and BUFFER_END.
  const std::string text =
      "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>a</key><data>AAAA</data>"
      "<key>corpse</key><data>V/Gt3gAAAAAAAAAAAAAAAO1YkfEAAAAAAAAAAAAAAAA=</data></dict></plist>";
  const Report report = read(text);
  CHECK(report.format.starts_with("kcdata"));
  CHECK(report.notes.front().text.find("taken out of a property list") != std::string::npos);
}

}  // namespace panicscan::parsers
