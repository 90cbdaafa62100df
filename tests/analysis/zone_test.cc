#include "facts_of.h"

using namespace panicscan;

namespace {
constexpr std::string_view kZone = "memory.zone";
}

TEST_CASE("an element that was modified after it was freed") {
  const Facts facts = facts_of(
      "[iokit.IOExampleGate]: element modified after free (off:72, val:0xfffffffffffffe00, sz:80, "
      "ptr:0xffffffe69b7d0db0)\n   72: 0xfffffffffffffe00");
  CHECK(field(facts, kZone, "zone") == "iokit.IOExampleGate");
  CHECK(field(facts, kZone, "offset") == "72");
  CHECK(field(facts, kZone, "value") == "0xfffffffffffffe00");
  CHECK(field(facts, kZone, "size") == "80 bytes");
  CHECK(field(facts, kZone, "element") == "0xffffffe69b7d0db0");
  CHECK(field(facts, kZone, "kind") == "modified-after-free");
  CHECK(field(facts, "panic.class", "class") == "zone");
  CHECK(facts.culprit.verdict == Verdict::unknown);
}

TEST_CASE("the older wording of the same") {
  const Facts facts = facts_of(
      "a freed zone element has been modified in zone kalloc.4096: expected 0x3f00116dbe8a46f6 but "
      "found 0x3f00116d00000000, bits changed 0xbe8a46f6, at offset 8 of 4096 in element "
      "0xffffff8012345000, cookies 0x1 0x2");
  CHECK(field(facts, kZone, "zone") == "kalloc.4096");
  CHECK(field(facts, kZone, "value") == "0x3f00116d00000000");
  CHECK(field(facts, kZone, "offset") == "8");
  CHECK(field(facts, kZone, "size") == "4096 bytes");
  CHECK(field(facts, kZone, "element") == "0xffffff8012345000");
}

TEST_CASE("double frees and the sampling heap") {
  CHECK(field(facts_of("zfree: double free of 0xffffff8012345600 to zone kalloc.48"), kZone,
              "zone") == "kalloc.48");
  CHECK(field(facts_of("zfree: double free of 0xffffff8012345600 to zone kalloc.48"), kZone,
              "kind") == "double-free");
  CHECK(field(facts_of("probabilistic gzalloc use-after-free: 0xfffffe1234567890"), kZone,
              "kind") == "gzalloc-uaf");
  CHECK(field(facts_of("probabilistic gzalloc double free: 0xfffffe1234567890"), kZone,
              "element") == "0xfffffe1234567890");
}

TEST_CASE("checks of the heap that did not hold") {
  const Facts old = facts_of(
      "Address not in expected zone for zone_require check (addr: 0xffffff801f206390, zone: ipc "
      "ports)");
  CHECK(field(old, kZone, "kind") == "validation");
  CHECK(field(old, kZone, "zone") == "ipc ports");
  CHECK(field(old, kZone, "element") == "0xffffff801f206390");
  const Facts recent = facts_of(
      "zone_require failed: address in unexpected zone id 12 (kalloc.64) (addr: "
      "0xfffffe1000000040, "
      "expected: proc_task)");
  CHECK(field(recent, kZone, "zone") == "proc_task");
  CHECK(field(facts_of("zone element pointer validation failed (addr: 0xfffffe1000000040, zone "
                       "data.kalloc.64)"),
              kZone, "zone") == "data.kalloc.64");
}

TEST_CASE("a full heap names the zone that leaks") {
  const Facts facts = facts_of(
      "zone map exhausted while allocating from zone [data.kalloc.12288], likely due to memory "
      "leak "
      "in zone [data.kalloc.48] (123M, 6 elements allocated)");
  CHECK(field(facts, kZone, "zone") == "data.kalloc.48");
  CHECK(field(facts, kZone, "kind") == "other");
}
