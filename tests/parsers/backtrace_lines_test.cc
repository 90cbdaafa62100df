#include "parsers/backtrace_lines.h"

#include "catch.h"
#include "tests/parsers/panic_reading.h"

namespace panicscan::parsers {
namespace {

TEST_CASE("rows of both processors are read") {
  CHECK(read_arm_row("\t\t  lr: 0xfffffe00240b1238  fp: 0xfffffe3fffff1010")->address ==
        0xfffffe00240b1238);
  CHECK(read_arm_row("kernel lr: 0x80011223  fp: 0x80011224")->address == 0x80011223);
  CHECK_FALSE(read_arm_row("x28: 0x1 fp: 0x2 lr: 0x3 sp: 0x4"));
  CHECK_FALSE(read_arm_row("lr: 0x1"));
  const auto row =
      read_intel_row("0xffffff83c5ac3900 : 0xffffff800ba60178 mach_kernel : _panic + 0xc8");
  REQUIRE(row);
  CHECK(row->address == 0xffffff800ba60178);
  CHECK(row->bundle == "mach_kernel");
  CHECK(row->symbol == "_panic + 0xc8");
  CHECK(read_intel_row("0x1 : 0x2 (0x1 0x2 0x3 0x4)")->symbol.empty());
  CHECK_FALSE(read_intel_row("0x1 0x2"));
  CHECK_FALSE(read_intel_row("CR0: 0x1"));
}

TEST_CASE("why a backtrace ended is kept") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xfffffe0024001234): x @a.c:1\n"
      "Panicked thread: 0xfffffe1234560000, backtrace: 0xfffffe3fffff1000, tid: 9\n"
      "\t\t  lr: 0xfffffe00240b1238  fp: 0xfffffe3fffff1010\n"
      "\t\t  Could not read LR from frame at 0xfffffe3fffff1010\n");
  REQUIRE(report.panic->backtraces.size() == 1);
  CHECK(report.panic->backtraces[0].end_reason.starts_with("Could not read LR"));
}

TEST_CASE("a backtrace without its heading is still one") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xffffff8012345678): x @a.c:1\n"
      "0xffffff83c5ac3900 : 0xffffff800ba60178 \n0xffffff83c5ac3a00 : 0xffffff800ba60179 \n");
  REQUIRE(report.panic->backtraces.size() == 1);
  CHECK(report.panic->backtraces[0].frames.size() == 2);
}

TEST_CASE("last branches are exact addresses") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xffffff8012345678): x @a.c:1\nLBR Stack (CPU 0):\n"
      "0xffffff8000000001 : 0xffffff8000000002\n");
  REQUIRE(report.panic->backtraces.size() == 1);
  CHECK(report.panic->backtraces[0].kind == BacktraceKind::last_branch);
  CHECK(report.frames[0].kind == AddressKind::pc);
  CHECK(report.frames[0].address == Address{0xffffff8000000002});
}

}  // namespace
}  // namespace panicscan::parsers
