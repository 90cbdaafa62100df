// Panics that begin outside the kernel's own code: coprocessors, PCIe ports, forced resets.
#include "facts_of.h"

using namespace panicscan;

TEST_CASE("a coprocessor's panic is its firmware's") {
  const Facts facts = facts_of(
      "DCPEXT1 PANIC - ASSERT!Example.cpp:561 No device - dcpav(27)\n"
      "RTKit: RTKit-2758.1.1.release - Client: AppleDCP-811.1.1~754-ipad14dcp.RELEASE\n"
      "Time: 0x00000046330974f9\n");
  constexpr std::string_view kFact = "panic.coprocessor";
  CHECK(field(facts, kFact, "name") == "DCPEXT1");
  CHECK(field(facts, kFact, "message") == "ASSERT!Example.cpp:561 No device - dcpav(27)");
  CHECK(decoded(facts, kFact, "coprocessor") == "DCPEXT1: controller of an external display");
  CHECK(decoded(facts, kFact, "firmware").starts_with("AppleDCP-811.1.1~754-ipad14dcp.RELEASE"));
  CHECK(field(facts, "panic.class", "class") == "coprocessor");
  CHECK(field(facts, "panic.class", "reporter") == "coprocessor");
  CHECK(facts.culprit.verdict == Verdict::apple);
  CHECK(facts.culprit.image == "DCPEXT1 firmware");
}

TEST_CASE("the secure enclave has words of its own") {
  CHECK(field(facts_of("SEP Panic: :sks /sks : 0x0006fe97 0x00058fb0"), "panic.coprocessor",
              "name") == "SEP");
  CHECK(field(facts_of("AppleSEPManager panic for \"Example\": sks request timeout"),
              "panic.coprocessor", "name") == "SEP");
  CHECK(count(facts_of("initproc exited -- not a coprocessor PANIC"), "panic.coprocessor") == 0);
}

TEST_CASE("unhandled interrupts of a PCIe port") {
  const Facts facts =
      facts_of("apciec[pcic0-bridge] unhandled interrupts (0x200000 out of 0x220000)");
  constexpr std::string_view kFact = "pcie.port";
  CHECK(field(facts, kFact, "port") == "apciec[pcic0-bridge]");
  CHECK(field(facts, kFact, "kind") == "unhandled-interrupt");
  CHECK(field(facts, kFact, "bits") == "0x200000");
  CHECK(field(facts, kFact, "mask") == "0x220000");
  CHECK(field(facts, "panic.class", "class") == "pcie");
}

TEST_CASE("other errors of a PCIe port") {
  const auto kind = [](const char* message) {
    return field(facts_of(message), "pcie.port", "kind");
  };
  CHECK(kind("apciec[pcic1-bridge]::handleInterrupt: Request address is greater than 32 bits "
             "linksts=0x1 pcielint=0x2") == "address-over-32-bit");
  CHECK(
      kind("apciec[pcic1-bridge]::handleCompletionTimeoutInterrupt Completion timeout detected at "
           "address 0x1") == "completion-timeout");
  CHECK(kind("void Link::handle(): Completion timeout seen! [Device index = 0x1] [Link up = true] "
             "[CPL "
             "timeout = 0x1]") == "completion-timeout");
  CHECK(kind("SomeDriver: command completion timeout") == "-");
  const Facts down = facts_of(
      "apcie[2:lan-1gb]::_linkDownInterrupt: Unexpected link down linksts=0xa9000208 "
      "pcielint=0x00004000 linkcdmsts=0x00000000 (ltssm 0x0=DETECT_QUIET)");
  CHECK(field(down, "pcie.port", "port") == "apcie[2:lan-1gb]");
  CHECK(down.culprit.verdict == Verdict::hardware);
}

TEST_CASE("resets from outside blame nobody") {
  const auto kind = [](const char* message) {
    return field(facts_of(message), "reset.forced", "kind");
  };
  CHECK(kind("btn_rst") == "button");
  CHECK(kind("WDT timeout") == "watchdog");
  CHECK(kind("Unexpected SoC (system) watchdog reset occurred during sleep/wake transition") ==
        "watchdog");
  CHECK(kind("Unexpected SoC (system) reset occurred") == "soc");
  const Facts facts = facts_of("btn_rst");
  CHECK(field(facts, "panic.class", "reporter") == "button");
  CHECK(facts.culprit.verdict == Verdict::unknown);
  CHECK(facts.culprit.messenger == "button");
}

TEST_CASE("a forced reset without a known text is still one") {
  ReportBuilder builder = report_saying("something else");
  builder.report().kind = ReportKind::forced_reset;
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, "reset.forced", "kind") == "other");
  CHECK(field(facts, "panic.class", "class") == "forced-reset");
}
