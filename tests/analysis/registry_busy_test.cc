#include "facts_of.h"

using namespace panicscan;

namespace {
constexpr std::string_view kBusy = "iokit.busy";
constexpr std::string_view kEntry = "iokit.busy_entry";
}  // namespace

TEST_CASE("a single busy entry with its state words") {
  const Facts facts = facts_of("busy timeout[1], (60s): 'IOMediaBSDClient' (1,1812001)");
  CHECK(field(facts, kBusy, "kind") == "busy-timeout");
  CHECK(field(facts, kBusy, "index") == "1");
  CHECK(field(facts, kBusy, "waited") == "60 s");
  CHECK(field(facts, kBusy, "depth") == "-");
  CHECK(field(facts, kBusy, "entries") == "1");
  CHECK(field(facts, kBusy, "names") == "IOMediaBSDClient");
  CHECK(field(facts, kBusy, "root_held") == "no");
  CHECK(field(facts, kBusy, "all_inactive") == "yes");
  CHECK(field(facts, kBusy, "any_terminating") == "yes");
  CHECK(field(facts, kBusy, "any_starting") == "no");
  CHECK(field(facts, kBusy, "truncated") == "no");
  CHECK(field(facts, kEntry, "state0") == "0x1");
  CHECK(field(facts, kEntry, "state1") == "0x1812001");
  CHECK(field(facts, kEntry, "busy_count") == "1");
  CHECK(field(facts, kEntry, "phase") == "terminating");
  CHECK(field(facts, kEntry, "flags") == "inactive, term-phase2, term-phase3, finalized, bit-13");
  CHECK(decoded(facts, kEntry, "state[1]") ==
        "0x1812001: busy count 1, term-phase2, term-phase3, finalized, bit-13");
}

TEST_CASE("several entries, one of which is being started") {
  const std::string message =
      "busy timeout[2], (60s): multiple entries holding the registry busy, IOKit termination queue "
      "depth 7: 'ExampleDriver' (1,1), 'IOThunderboltPort' (1e,4020001), 'ExampleDriver' (1,1)";
  const Report report = report_saying(message).build();
  const Facts facts = facts_of(report);
  CHECK(field(facts, kBusy, "depth") == "7");
  CHECK(field(facts, kBusy, "entries") == "3");
  CHECK(field(facts, kBusy, "names") == "ExampleDriver, IOThunderboltPort");
  CHECK(field(facts, kBusy, "all_inactive") == "no");
  CHECK(field(facts, kBusy, "any_starting") == "yes");
  CHECK(field(facts, kBusy, "any_thunderbolt") == "yes");
  CHECK(count(facts, kEntry) == 3);
  CHECK(evidence(report, facts, kEntry) == "'ExampleDriver' (1,1)");
  CHECK(field(facts, kEntry, "phase") == "inactive-held");
}

TEST_CASE("the wording without state words, up to macOS 12") {
  const Facts facts = facts_of("busy timeout[3], (60s): 'AppleACPIEC', 'pci8086,9d2f'");
  CHECK(field(facts, kBusy, "names") == "AppleACPIEC, pci8086,9d2f");
  CHECK(field(facts, kBusy, "all_inactive") == "-");
  CHECK(field(facts, kEntry, "phase") == "unknown");
  CHECK(field(facts, kEntry, "state0") == "-");
  CHECK(field(facts, kBusy, "truncated") == "no");
}

TEST_CASE("a registry whose root is held") {
  const Facts no = facts_of(
      "IOKit Daemon (kernelmanagerd) stall[3], (60s): registry root held busy, kernelmanagerd has "
      "not checked in");
  CHECK(field(no, kBusy, "kind") == "kernelmanagerd-stall");
  CHECK(field(no, kBusy, "root_held") == "yes");
  CHECK(field(no, kBusy, "checked_in") == "no");
  CHECK(field(no, kBusy, "entries") == "0");
  const Facts yes =
      facts_of("busy timeout[0], (60s): registry root held busy, kernelmanagerd has checked in");
  CHECK(field(yes, kBusy, "checked_in") == "yes");
}

TEST_CASE("kextd stalls of macOS 10.15") {
  const Facts facts = facts_of("kextd stall[0], (60s): 'AppleACPIEC'");
  CHECK(field(facts, kBusy, "kind") == "kextd-stall");
  CHECK(field(facts, "panic.class", "class") == "registry-busy");
}

TEST_CASE("a list that the kernel's buffer cut off is read up to there") {
  const std::string head =
      "busy timeout[0], (60s): multiple entries holding the registry busy, IOKit termination queue "
      "depth 212: 'RootDomainUserClient' (1,2001), 'ApplePMGRUserClient' ";
  for (const char* tail : {"(1", "(1,2001)0", "(1,2001), 'Apple", "(1,2001), ", "(1,2001),"}) {
    const Facts facts = facts_of(head + tail);
    INFO(tail);
    CHECK(field(facts, kBusy, "truncated") == "yes");
    CHECK(field(facts, kBusy, "entries") == "2");
  }
  CHECK(field(facts_of(head + "(1,2001)"), kBusy, "truncated") == "no");
}

TEST_CASE("a list that no kernel can have written stays bounded") {
  std::string message = "busy timeout[0], (60s): 'A' (1,1)";
  for (int i = 0; i < 100000; ++i) message += ", 'B' (1,1)";
  const Facts facts = facts_of(message);
  CHECK(field(facts, kBusy, "entries") == "100001");
  CHECK(count(facts, kEntry) == 500);
}

TEST_CASE("module stalls wait for user space") {
  CHECK(field(facts_of("busy timeout[0], (60s): 'X' (1e,20000001)"), kEntry, "phase") ==
        "module-stall");
  CHECK(field(facts_of("busy timeout[0], (60s): 'X' (1e,3)"), kEntry, "phase") == "busy");
}
