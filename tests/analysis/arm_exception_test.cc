#include "facts_of.h"

using namespace panicscan;

namespace {
constexpr std::string_view kArm = "arm.exception";

/// A data abort in the kernel at offset 0x1d234, with the syndrome and fault address given.
ReportBuilder data_abort(std::uint64_t esr, std::uint64_t far, std::vector<Register> more = {}) {
  ReportBuilder builder = report_saying(
      "Kernel data abort. at pc 0xfffffe00240b1234, lr 0xcaa8fe0025a01abc (saved state: "
      "0xfffffe60f5e4b7d0)");
  add_arm_layout(builder);
  builder.panic().kexts.push_back(
      kext_in_backtrace("com.example.driver.Foo", 0xfffffe0025a00000, 0xfffffe0025a0ffff));
  std::vector<Register> registers{
      {"pc", 0xfffffe00240b1234}, {"lr", 0xcaa8fe0025a01abc}, {"esr", esr}, {"far", far}};
  registers.insert(registers.end(), more.begin(), more.end());
  add_registers(builder, registers);
  return builder;
}

Facts abort_facts(std::uint64_t esr, std::uint64_t far) {
  return facts_of(data_abort(esr, far).build());
}
}  // namespace

TEST_CASE("a data abort behind a null pointer") {
  const Facts facts = abort_facts(0x96000006, 0x48);
  CHECK(field(facts, kArm, "kind") == "data-abort");
  CHECK(field(facts, kArm, "pc") == "0xfffffe00240b1234");
  CHECK(field(facts, kArm, "lr") == "0xfffffe0025a01abc");
  CHECK(field(facts, kArm, "far") == "0x0000000000000048");
  CHECK(field(facts, kArm, "esr") == "0x96000006");
  CHECK(field(facts, kArm, "ec") == "37");
  CHECK(field(facts, kArm, "ec_name") == "data abort in the kernel");
  CHECK(field(facts, kArm, "fault_status") == "6");
  CHECK(field(facts, kArm, "fault_name") == "translation fault, level 2");
  CHECK(field(facts, kArm, "access") == "read");
  CHECK(field(facts, kArm, "far_class") == "near-null");
  CHECK(field(facts, kArm, "far_valid") == "yes");
  CHECK(field(facts, kArm, "pc_image") == "kernel");
  CHECK(field(facts, kArm, "pc_vendor") == "apple");
  CHECK(field(facts, kArm, "lr_image") == "com.example.driver.Foo");
  CHECK(decoded(facts, kArm, "far") ==
        "0x0000000000000048: a null pointer plus 0x48: the member at that offset of an object");
}

TEST_CASE("what a fault address looks like") {
  const auto looks = [](std::uint64_t far) {
    return field(abort_facts(0x96000046, far), kArm, "far_class");
  };
  CHECK(looks(0) == "null");
  CHECK(looks(0xfff) == "near-null");
  CHECK(looks(0xdeadbeefdeadbeef) == "poison");
  CHECK(looks(0xdeadbeefdeadbf0f) == "poison");
  CHECK(looks(0x5a5a5a5a5a5a5a5a) == "poison");
  CHECK(looks(0xffffffffffffffff) == "poison");
  CHECK(looks(0x4141414141414141) == "ascii");
  CHECK(looks(0x0000656c69662f2f) == "ascii");
  CHECK(looks(0x80001000) == "iova");
  CHECK(looks(0x000000016f507f10) == "user");
  CHECK(looks(0xfffffe00240a0000) == "kernel-text");
  CHECK(looks(0xfffffe0025a01000) == "kernel-text");
  CHECK(looks(0xfffffe1234567890) == "kernel-heap");
  CHECK(looks(0xf6fffe205d518d88) == "kernel-heap");
  CHECK(looks(0xfffffe0010000000) == "kernel");
  CHECK(looks(0x95bcfe0015480000) == "non-canonical");
  CHECK(looks(0x8a2ffe0024f1c0d0) == "non-canonical");
}

TEST_CASE("a call of a null function is put to its caller") {
  ReportBuilder builder = report_saying(
      "Kernel instruction fetch abort at pc 0x0000000000000000, lr 0xfffffe0025a01abc (saved "
      "state: "
      "0xfffffe60f5e4b7d0)");
  add_arm_layout(builder);
  builder.panic().kexts.push_back(
      kext_in_backtrace("org.example.Bystander", 0xfffffe0025b00000, 0xfffffe0025b0ffff));
  builder.panic().kexts.push_back(
      kext_in_backtrace("com.example.driver.Foo", 0xfffffe0025a00000, 0xfffffe0025a0ffff));
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, kArm, "kind") == "instruction-abort");
  CHECK(field(facts, kArm, "pc_image") == "-");
  CHECK(facts.culprit.verdict == Verdict::third_party);
  CHECK(facts.culprit.bundle == "com.example.driver.Foo");
  CHECK(facts.culprit.because[0].says == "the code that failed was called by this kext");
}

TEST_CASE("the access and the fault status come from the syndrome") {
  CHECK(field(abort_facts(0x96000046, 1), kArm, "access") == "write");
  CHECK(field(abort_facts(0x9600004f, 1), kArm, "fault_name") == "permission fault, level 3");
  CHECK(field(abort_facts(0x86000006, 1), kArm, "access") == "execute");
}

TEST_CASE("a bus error may leave the fault address unset") {
  const Facts facts = abort_facts(0x96000410, 0x1234);
  CHECK(field(facts, kArm, "fault_name") == "synchronous external abort");
  CHECK(field(facts, kArm, "far_valid") == "no");
  CHECK(field(facts, kArm, "far_class") == "-");
  CHECK(facts.culprit.verdict == Verdict::unknown);
}

TEST_CASE("the register that a fault address was formed from is named") {
  const Facts facts = facts_of(
      data_abort(0x96000006, 0xfffffe1234567898, {{"x8", 0xfffffe1234567880}, {"x9", 0x18}})
          .build());
  CHECK(decoded(facts, kArm, "far is") ==
        "x8 + 0x18: registers that the address was probably formed from");
}

TEST_CASE("pointer authentication failures name their key") {
  SECTION("as an exception of its own") {
    const Facts facts = facts_of(
        "PAC failure from kernel with DA key while authing x16 at pc 0xfffffe001549d268, lr "
        "0x95bcfe001548e020 (saved state: 0xfffffe401e3af650)");
    CHECK(field(facts, kArm, "kind") == "pac");
    CHECK(field(facts, kArm, "key") == "DA");
    CHECK(field(facts, kArm, "lr") == "0xfffffe001548e020");
    CHECK(decoded(facts, kArm, "signature") == "DA key: failed while authing x16");
    CHECK(facts.culprit.verdict == Verdict::unknown);
  }
  SECTION("as a break instruction") {
    const Facts facts = facts_of(
        "Break 0xC471 instruction exception from kernel. Ptrauth failure with IB key resulted in "
        "0x20fffe00240b1234 at pc 0xfffffe001549d268, lr 0xfffffe001548e020 (saved state: 0x1)");
    CHECK(field(facts, kArm, "kind") == "pac");
    CHECK(field(facts, kArm, "key") == "IB");
    CHECK(field(facts, kArm, "comment") == "0xc471");
  }
}

TEST_CASE("a deliberate break says why by its number") {
  ReportBuilder builder = report_saying(
      "Break 0x5519 instruction exception from kernel. Panic (by design) at pc 0xfffffe001549d268, "
      "lr 0xfffffe001548e020 (saved state: 0x1)");
  add_registers(builder, {{"pc", 0xfffffe001549d268}, {"esr", 0xf2005519}, {"far", 0x1234}});
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, kArm, "kind") == "brk");
  CHECK(field(facts, kArm, "comment") == "0x5519");
  CHECK(field(facts, kArm, "ec_name") == "brk instruction");
  CHECK(field(facts, kArm, "far_valid") == "no");
  CHECK(decoded(facts, kArm, "brk") ==
        "0x5519: an index or pointer was out of bounds (-fbounds-safety)");
}

TEST_CASE("a tag check fault compares the tags of pointer and memory") {
  ReportBuilder builder = report_saying(
      "Kernel tag check fault (expected tagged address: 0xf6fffe205d518d88) at pc "
      "0xfffffe00502c34e0, lr 0xfffffe00502c3418 (saved state: 0xfffffec990577340)");
  add_registers(builder,
                {{"pc", 0xfffffe00502c34e0}, {"esr", 0x96000011}, {"far", 0xf9fffe205d518d88}});
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, kArm, "kind") == "tag-check");
  CHECK(decoded(facts, kArm, "far").find("stack or") == std::string::npos);
  CHECK(field(facts, kArm, "far_class") == "kernel-heap");
  CHECK(decoded(facts, kArm, "tags").starts_with("pointer 0x9, memory 0x6: "));
}

TEST_CASE("other exceptions have a kind as well") {
  const auto kind = [](const char* message) { return field(facts_of(message), kArm, "kind"); };
  CHECK(kind("Kernel instruction fetch abort at pc 0x0, lr 0x1") == "instruction-abort");
  CHECK(kind("Unaligned kernel data abort. at pc 0x1, lr 0x2") == "unaligned");
  CHECK(kind("Kernel BTI failure (BTYPE=0x1) at pc 0x1, lr 0x2") == "bti");
  CHECK(kind("Undefined kernel instruction: pc=0x10 instr=0") == "undefined");
  CHECK(kind("PC alignment exception from kernel. at pc 0x1, lr 0x2") == "alignment");
  CHECK(kind("Invalid kernel stack pointer (probable overflow). at pc 0x1, lr 0x2") == "stack");
  CHECK(kind("panic: corrupt list around element 0xfffffe1a2b3c4d50 at pc 0x1, lr 0x2") == "brk");
  CHECK(kind("initproc exited -- exit reason namespace 2") == "-");
}

TEST_CASE("an SError carries its numbers in the message") {
  const Facts facts = facts_of("SError esr: 0xbe000411 far: 0x0000000a40100008.");
  CHECK(field(facts, kArm, "kind") == "serror");
  CHECK(field(facts, kArm, "ec_name") == "SError interrupt");
  CHECK(field(facts, kArm, "far") == "0x0000000a40100008");
}

TEST_CASE("an Intel report has no exception of an arm processor") {
  ReportBuilder builder = report_saying("Kernel data abort. at pc 0x1, lr 0x2");
  builder.report().machine.arch = Arch::x86_64;
  CHECK(count(facts_of(std::move(builder).build()), kArm) == 0);
}
