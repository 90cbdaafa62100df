#include "parsers/registers.h"

#include "catch.h"
#include "tests/parsers/panic_reading.h"

namespace panicscan::parsers {
namespace {

std::string names(std::string_view line) {
  std::string all;
  for (const Register& reg : read_register_line(line)) all += reg.name + " ";
  return all;
}

TEST_CASE("register lines of every processor and release are read") {
  CHECK(names("\t  x0:  0x0000000000000000 x1:  0x01  x2: 0x2") == "x0 x1 x2 ");
  CHECK(names("  x28: 0x1 fp:  0x2  lr:  0x3  sp:  0x4") == "x28 fp lr sp ");
  CHECK(names("  pc:  0x1 cpsr: 0x60401208         esr: 0x96000006          far: 0x8") ==
        "pc cpsr esr far ");
  CHECK(names("CR0: 0x1, CR2: 0x2, CR3: 0x3, CR4: 0x4") == "cr0 cr2 cr3 cr4 ");
  CHECK(names("R8:  0x1, R9:  0x2, R10: 0x3, R11: 0x4") == "r8 r9 r10 r11 ");
  CHECK(names("RFL: 0x1, RIP: 0x2, CS:  0x8, SS:  0x10") == "rfl rip cs ss ");
  CHECK(names("Fault CR2: 0x18, Error code: 0x2, Fault CPU: 0x1 VMM, PL: 0") ==
        "fault_cr2 error_code fault_cpu ");
}

TEST_CASE("other lines with colons and numbers are no register lines") {
  CHECK(names("lr: 0xfffffe00240b1238  fp: 0xfffffe3fffff1010").empty());
  CHECK(names("Memory ID: 0x6").empty());
  CHECK(names("mach_absolute_time: 0x16e360000").empty());
  CHECK(names("").empty());
  CHECK(names(":").empty());
}

TEST_CASE("a trap's registers end its message") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xfffffe0024001234): Kernel data abort. at pc 0xfffffe0025a00100, lr "
      "0x12fffe0025a000f0 (saved state: 0xfffffe3000000000)\n"
      "\t  x0:  0x0000000000000000 x1:  0x0000000000000001  x2:  0x2  x3:  0x3\n"
      "\t  pc:  0xfffffe0025a00100 cpsr: 0x60401208         esr: 0x96000006          far: 0x8\n\n"
      "Debugger message: panic\n");
  CHECK(report.panic->message.value.ends_with("(saved state: 0xfffffe3000000000)"));
  REQUIRE(report.panic->registers.size() == 1);
  CHECK(report.panic->registers[0].find("far") == 8U);
  CHECK(report.panic->registers[0].find("esr") == 0x96000006U);
}

TEST_CASE("a register dump that breaks off is called truncated") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xfffffe0024001234): Kernel data abort.\n\t  x0:  0x0 x1:  0x1\n");
  CHECK(report.truncated);
  CHECK(report.panic->registers.size() == 1);
}

TEST_CASE("registers inside an old quoted message are read from there") {
  const Report report = read_panic(
      "panic(cpu 2 caller 0xffffff8012345678): \"Machine Check at 0x1, registers:\\n\" \"CR0: "
      "0x11, "
      "CR2: 0x22\\n\" \"RFL: 0x2, RIP: 0x33, CS:  0x2b\\n\"@/x/trap_native.c:168\n");
  REQUIRE(report.panic->registers.size() == 1);
  CHECK(report.panic->registers[0].find("rip") == 0x33U);
  CHECK(report.panic->registers[0].where.document == report.panic->message.where.document);
}

}  // namespace
}  // namespace panicscan::parsers
