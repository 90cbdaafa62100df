#include "facts_of.h"

using namespace panicscan;

namespace {
constexpr std::string_view kPower = "power.setpowerstate";
constexpr std::string_view kMessage =
    "ExampleDriver::setPowerState(0xfffffe2fb1a65c00 : 0xfffffe00240bfed8, 0 -> 2) timed out "
    "after 21257 ms";
}  // namespace

TEST_CASE("a dext's power timeout is taken apart") {
  ReportBuilder builder = report_saying(kMessage);
  add_arm_layout(builder);
  builder.panic().dexts.push_back(
      {"com.example.driver.ExampleDriver",
       "/Library/SystemExtensions/1B/com.example.driver.ExampleDriver.dext",
       "loaded",
       {}});
  const Report report = std::move(builder).build();
  const Facts facts = facts_of(report);
  CHECK(field(facts, kPower, "service") == "ExampleDriver");
  CHECK(field(facts, kPower, "object") == "0xfffffe2fb1a65c00");
  CHECK(field(facts, kPower, "implementation") == "0xfffffe00240bfed8");
  CHECK(field(facts, kPower, "pointers") == "2");
  CHECK(field(facts, kPower, "from") == "0");
  CHECK(field(facts, kPower, "to") == "2");
  CHECK(field(facts, kPower, "from_name") == "off");
  CHECK(field(facts, kPower, "to_name") == "on");
  CHECK(field(facts, kPower, "transition") == "power-up");
  CHECK(field(facts, kPower, "elapsed") == "21257 ms");
  CHECK(field(facts, kPower, "window") == "dext-20s");
  CHECK(field(facts, kPower, "inside_override") == "1157 ms");
  CHECK(field(facts, kPower, "implementation_in") == "kernel");
  CHECK(field(facts, kPower, "implementation_image") == "kernel");
  CHECK(field(facts, kPower, "dext") == "com.example.driver.ExampleDriver");
  CHECK(field(facts, kPower, "arch") == "arm64");
  CHECK(field(facts, "panic.class", "class") == "setpowerstate-timeout");

  SECTION("its evidence points at the parts of the message") {
    CHECK(evidence(report, facts, kPower, 0) == kMessage);
    CHECK(evidence(report, facts, kPower, 1) == "0 -> 2");
    CHECK(evidence(report, facts, kPower, 2) == "21257 ms");
  }
  SECTION("the dext that the message names is to blame") {
    CHECK(facts.culprit.verdict == Verdict::third_party);
    CHECK(facts.culprit.bundle == "com.example.driver.ExampleDriver");
  }
}

TEST_CASE("the one-pointer form of development kernels has no function") {
  const Facts facts =
      facts_of("PSRef::setPowerState(0x4d1c9af3e2b17705, 2 -> 0) timed out after 20612 ms");
  CHECK(field(facts, kPower, "pointers") == "1");
  CHECK(field(facts, kPower, "implementation") == "-");
  CHECK(field(facts, kPower, "implementation_in") == "unknown");
  CHECK(field(facts, kPower, "transition") == "power-down");
  CHECK(field(facts, kPower, "window") == "dext-20s");
}

TEST_CASE("between low power and on is neither up nor down for a dext") {
  CHECK(field(facts_of("A::setPowerState(0x1, 2 -> 1) timed out after 20200 ms"), kPower,
              "transition") == "low-power");
  CHECK(field(facts_of("A::setPowerState(0x1, 1 -> 2) timed out after 20200 ms"), kPower,
              "transition") == "low-power");
  CHECK(field(facts_of("A::setPowerState(0x1, 1 -> 0) timed out after 20200 ms"), kPower,
              "transition") == "power-down");
}

TEST_CASE("a kext numbers its power states by itself") {
  ReportBuilder builder = report_saying(
      "ExampleFramebuffer::setPowerState(0xffffff835c3b6000 : 0xffffff7f975f5d88, 1 -> 4) timed "
      "out "
      "after 45938 ms");
  builder.report().machine.arch = Arch::x86_64;
  SECTION("with its range in the report") {
    builder.panic().kexts.push_back(kext_in_backtrace("com.apple.driver.ExampleFramebuffer",
                                                      0xffffff7f97500000, 0xffffff7f976fffff));
    const Facts facts = facts_of(std::move(builder).build());
    CHECK(field(facts, kPower, "implementation_in") == "kext");
    CHECK(field(facts, kPower, "implementation_image") == "com.apple.driver.ExampleFramebuffer");
    CHECK(field(facts, kPower, "transition") == "power-up");
    CHECK(field(facts, kPower, "from_name") == "other");
    CHECK(field(facts, kPower, "window") == "kext-long");
    CHECK(field(facts, kPower, "inside_override") == "-");
    CHECK(facts.culprit.verdict == Verdict::apple);
    CHECK(facts.culprit.bundle == "com.apple.driver.ExampleFramebuffer");
  }
  SECTION("by the place where Intel kexts used to be") {
    const Facts facts = facts_of(std::move(builder).build());
    CHECK(field(facts, kPower, "implementation_in") == "kext");
    CHECK(field(facts, kPower, "implementation_image") == "-");
    CHECK(facts.culprit.verdict == Verdict::apple);
  }
}

TEST_CASE("without the function's place, the limit tells whose power states they are") {
  const Facts kext = facts_of("A::setPowerState(0x1, 1 -> 0) timed out after 10168 ms");
  CHECK(decoded(kext, kPower, "from").find("own table") != std::string::npos);
  CHECK(field(kext, kPower, "from_name") == "other");
  const Facts dext = facts_of("A::setPowerState(0x1, 1 -> 0) timed out after 20200 ms");
  CHECK(decoded(dext, kPower, "from") == "1: low power (kIOPMLowPower)");
  const Facts neither = facts_of("A::setPowerState(0x1, 1 -> 0) timed out after 15000 ms");
  CHECK(decoded(neither, kPower, "from") ==
        "1: low power (kIOPMLowPower) if it is a driver extension; kexts number their own");
}

TEST_CASE("time windows of power timeouts") {
  const auto window = [](const char* ms) {
    return field(
        facts_of(std::string("A::setPowerState(0x1, 0 -> 2) timed out after ") + ms + " ms"),
        kPower, "window");
  };
  CHECK(window("10168") == "kext-10s");
  CHECK(window("20100") == "dext-20s");
  CHECK(window("25000") == "dext-20s");
  CHECK(window("100517") == "kext-long");
  CHECK(window("15000") == "other");
}

TEST_CASE("a damaged power message gives no fact") {
  CHECK(count(facts_of("A::setPowerState(0x1, 0 -> "), kPower) == 0);
  CHECK(count(facts_of("A::setPowerState("), kPower) == 0);
  CHECK(count(facts_of("A::setPowerState(0x1 : , 0 -> 2) timed out after 3 ms"), kPower) == 0);
  CHECK(count(facts_of("A::setPowerState(0x1, 0 -> 2) timed out after 99999999999999999999 ms"),
              kPower) == 0);
}
