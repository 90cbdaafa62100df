#include "facts_of.h"

using namespace panicscan;

namespace {
constexpr std::string_view kTrap = "x86.trap";

ReportBuilder trap(std::string_view message, std::uint64_t cr2) {
  ReportBuilder builder = report_saying(message);
  builder.report().machine.arch = Arch::x86_64;
  builder.panic().layout.kernel_slide = said<Slide>(0x18600000);
  builder.panic().kexts.push_back(
      kext_in_backtrace("com.example.kext", 0xffffff7f9a000000, 0xffffff7f9a00ffff));
  add_registers(builder, {{"cr2", cr2}, {"rip", 0xffffff8018c8019a}, {"rcx", 0xc0ffee340fc235fc}});
  return builder;
}
}  // namespace

TEST_CASE("a page fault behind a null pointer, in both wordings") {
  for (const char* message :
       {"Kernel trap at 0xffffff8018c8019a, type 14=page fault, registers:\n"
        "Fault CR2: 0x0000000000000020, Error code: 0x0000000000000002, Fault CPU: 0x0 VMM, PL: 0, "
        "VF: 1",
        "Kernel trap at 0xffffff8018c8019a, type = 14=page fault #0x0, registers:\n"
        "Fault CR2: 0x0000000000000020, Error code: 0x0000000000000002, Fault CPU: 0x0 VMM, PL: 0, "
        "VF: 1"}) {
    const Facts facts = facts_of(trap(message, 0x20).build());
    CHECK(field(facts, kTrap, "number") == "14");
    CHECK(field(facts, kTrap, "name") == "page fault");
    CHECK(field(facts, kTrap, "rip") == "0xffffff8018c8019a");
    CHECK(field(facts, kTrap, "cr2") == "0x0000000000000020");
    CHECK(field(facts, kTrap, "error_code") == "0x2");
    CHECK(field(facts, kTrap, "error_bits") == "not-present, write, supervisor");
    CHECK(field(facts, kTrap, "flags") == "VMM");
    CHECK(field(facts, kTrap, "address_class") == "near-null");
    CHECK(field(facts, kTrap, "pc_image") == "kernel");
    CHECK(field(facts, kTrap, "pc_vendor") == "apple");
    CHECK(field(facts, "panic.class", "class") == "x86-trap");
  }
}

TEST_CASE("a general protection fault shows the register with the bad pointer, not CR2") {
  const Facts facts = facts_of(
      trap("Kernel trap at 0xffffff8018c8019a, type 13=general protection, registers:", 0x112150890)
          .build());
  CHECK(field(facts, kTrap, "address_class") == "-");
  CHECK(decoded(facts, kTrap, "rcx").starts_with("0xc0ffee340fc235fc: a fill pattern"));
  CHECK(field(facts, kTrap, "error_bits") == "-");
}

TEST_CASE("suffixes of the fault line are kept") {
  const Facts facts =
      facts_of(trap("Kernel trap at 0xffffff8018c8019a, type 14=page fault, registers:\n"
                    "Fault CR2: 0x4141, Error code: 0x0000000000000011, Fault CPU: 0x1 Kernel NX "
                    "fault, PL: 0, VF: 1",
                    0x4141)
                   .build());
  CHECK(field(facts, kTrap, "flags") == "Kernel NX fault");
  CHECK(field(facts, kTrap, "error_bits") == "protection, read, supervisor, instruction-fetch");
}

TEST_CASE("a trap in a kext that is not Apple's puts the blame there") {
  ReportBuilder builder =
      report_saying("Kernel trap at 0xffffff7f9a000123, type 14=page fault, registers:");
  builder.report().machine.arch = Arch::x86_64;
  builder.panic().kexts.push_back(
      kext_in_backtrace("com.example.kext", 0xffffff7f9a000000, 0xffffff7f9a00ffff));
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, kTrap, "pc_image") == "com.example.kext");
  CHECK(field(facts, kTrap, "pc_vendor") == "third_party");
  CHECK(field(facts, "panic.third_party_kext", "contains_pc") == "yes");
  CHECK(facts.culprit.verdict == Verdict::third_party);
  CHECK(facts.culprit.version == "1.2.3");
}

TEST_CASE("double faults and machine checks are traps 8 and 18") {
  CHECK(field(facts_of("Double fault at 0xffffff8018c8019a, registers:"), kTrap, "number") == "8");
  const Facts facts = facts_of("Machine Check at 0x00007fff7dd40e93, registers:");
  CHECK(field(facts, kTrap, "number") == "18");
  CHECK(facts.culprit.verdict == Verdict::hardware);
}

TEST_CASE("a trap number without a name is kept") {
  const Facts facts = facts_of("Kernel trap at 0x1, type 77=whatever, registers:");
  CHECK(field(facts, kTrap, "number") == "77");
  CHECK(field(facts, kTrap, "name") == "unknown");
}
