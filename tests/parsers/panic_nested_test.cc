#include "catch.h"
#include "model/validate.h"
#include "tests/parsers/panic_reading.h"

namespace panicscan {
namespace {

const std::string kNestedBlock =
    "Nested panic detected - entry count: 2 panic_caller: 0xfffffe0077777777\n"
    "Kernel text exec slide: 0x0000000077770000\n"
    "Kernel text exec base: 0xfffffe0077770000\n"
    "Panicked thread: 0xfffffe1777777777, backtrace: 0xfffffe3777777000, tid: 777\n"
    "\t\t  lr: 0xfffffe0077777777  fp: 0xfffffe3777777010\n";

TEST_CASE("what a nested panic prints does not replace the panic's own lines") {
  const auto insert_at = GENERATE(
      as<std::string>{}, "Debugger message:", "Zone info:", "Panicked task", "      Kernel Ext");
  std::string text = kArmPanic;
  text.insert(text.find(insert_at), kNestedBlock);
  const Report report = read_panic(text);
  CHECK(validate(report).empty());
  const Panic& panic = *report.panic;
  CHECK(panic.thread->value == ThreadId{4242});
  CHECK(panic.thread_pointer->value == Address{0xfffffe1234560000});
  CHECK(panic.layout.text_exec_base->value == Address{0xfffffe0024094000});
  REQUIRE(panic.nested.size() == 1);
  CHECK(panic.nested[0].entry_count == 2U);
  CHECK(panic.nested[0].caller == Address{0xfffffe0077777777});
  REQUIRE(panic.backtraces.size() == 2);
  std::size_t own = 0, nested = 0;
  for (const Backtrace& trace : panic.backtraces) {
    if (trace.kind == BacktraceKind::panicked) own += trace.frames.size();
    if (trace.kind == BacktraceKind::nested) nested += trace.frames.size();
  }
  CHECK(own == 2);
  CHECK(nested == 1);
}

TEST_CASE("the head line of a nested panic stays with the nested panic") {
  std::string text = kArmPanic;
  text.insert(text.find("Zone info:"),
              "Nested panic detected - entry count: 2 panic_caller: 0xfffffe0077777777\n"
              "panic(cpu 3 caller 0xfffffe0077777777): second trouble @other.c:7\n");
  const Report report = read_panic(text);
  CHECK(report.further_panics.empty());
  CHECK(report.panic->message.value == "void ExampleDriver::complete(): request 17 is lost");
  CHECK(report.panic->nested[0].message == "second trouble @other.c:7");
  CHECK(report.panic->backtraces.size() == 1);
}

TEST_CASE("when the nested panic comes first, the original was lost") {
  const Report report = read_panic(
      "Nested panic detected - entry count: 2 panic_caller: 0xffffff8012345678\n" + kIntelPanic);
  CHECK(report.panic->message.value.starts_with("Kernel trap"));
  CHECK(report.panic->nested.size() == 1);
  CHECK(count_notes(report, NoteKind::remark) == 1);
}

TEST_CASE("a nested panic may be all there is") {
  const Report report =
      read_panic("Nested panic detected - entry count: 2 panic_caller: 0xffffff8012345678");
  CHECK(report.panic->message.value.empty());
  CHECK(report.panic->nested.size() == 1);
}

TEST_CASE("the nested panic string of a serial console is read up to its end mark") {
  const Report report = read_panic(
      "Debugger called: <panic>\n"
      "Nested panic detected - entry count: 2 panic_caller: 0xffffff8012345678\n"
      "Nested panic string:\nlock is owned by nobody @lock.c:9\nx0: 0x1\n<end nested panic "
      "string>\n" +
      kIntelPanic);
  CHECK(report.panic->nested[0].message == "lock is owned by nobody @lock.c:9\nx0: 0x1");
  CHECK(report.panic->registers.size() == 1);
  CHECK(report.panic->registers[0].find("rip"));
}

TEST_CASE("what other CPUs print is kept apart from the panic's own") {
  const std::string other =
      "Panic(CPU 0, time 123456789): NMIPI for unresponsive processor: TLB flush timeout, TLB "
      "state:0x0\n"
      "RAX: 0x0000000000000001, RBX: 0x0000000000000002, RCX: 0x0000000000000003, RDX: 0x4\n"
      "RFL: 0x0000000000000002, RIP: 0xffffff8099999999, CS:  0x0000000000000008, SS:  0x0\n"
      "Backtrace (CPU 0), Frame : Return Address\n"
      "0xffffff8100000000 : 0xffffff8099999999 \n";
  const auto in_front = GENERATE(true, false);
  const Report report = read_panic(in_front ? other + kIntelPanic : kIntelPanic + other);
  CHECK(validate(report).empty());
  CHECK(report.further_panics.empty());
  const Panic& panic = *report.panic;
  REQUIRE(panic.backtraces.size() == 2);
  CHECK(panic.backtraces[in_front ? 0 : 1].kind == BacktraceKind::cpu);
  CHECK(panic.backtraces[in_front ? 1 : 0].kind == BacktraceKind::panicked);
  REQUIRE(panic.registers.size() == 2);
  CHECK(panic.registers[0].find("rip") == 0xffffff7f93a01234);
  CHECK_FALSE(panic.registers[0].is_of_other_cpu);
  CHECK(panic.registers[1].is_of_other_cpu);
}

TEST_CASE("CPUs that do not stop are reported before the head line") {
  const Report report = read_panic(
      "Attempting to forcibly halt cpu 0\ncpu 0 failed to halt with error -5: halt not supported\n"
      "Unable to obtain state for cpu 0 with status -5: halt not supported\n"
      "Debugger synchronization timed out; timeout 240000 nanoseconds\n" +
      kArmPanic);
  CHECK(report.panic->message.value == "void ExampleDriver::complete(): request 17 is lost");
  CHECK(count_notes(report, NoteKind::unknown_line) == 0);
  CHECK(count_fields(report, "line") == 4);
}

TEST_CASE("a coprocessor's report about itself becomes fields, not message") {
  const Report report = read_panic(
      "panic(cpu 2 caller 0xfffffe001b2461d0): DCP PANIC - ASSERT!ExamplePower.cpp:561 no device - "
      "dcpav(27)\nRTKit: RTKit-1.2.release - Client: example\n!UUID: a1000010-2140-1ed5\n"
      "Faulting task  27 Call Stack: 0x000000000038bdc0\nOS of the coprocessor: none\n"
      "  [RX]  user19  0x0000000111a6cb80\nDebugger message: panic\nOS version: 24F74\n");
  CHECK(report.panic->reporter == "DCP");
  CHECK(report.panic->message.value ==
        "DCP PANIC - ASSERT!ExamplePower.cpp:561 no device - dcpav(27)");
  CHECK(report.panic->source_file->value == "ExamplePower.cpp");
  CHECK(field(report, "RTKit") == "RTKit-1.2.release - Client: example");
  CHECK(count_fields(report, "coprocessor") == 2);
  CHECK(report.machine.build->value == "24F74");
}

TEST_CASE("a probabilistic heap report adds the backtraces of who allocated and freed") {
  std::string text = kArmPanic;
  text.insert(text.find("CORE 0"),
              "Probabilistic GZAlloc Report:\n  Zone    : kalloc.type3.64\n  Address : "
              "0xfffffe2000000040\n  Kind    : use-after-free (high confidence)\n"
              "  Allocation Backtrace:\n    0xfffffe00240b0001\n    0xfffffe00240b0002\n"
              "  Free Backtrace:\n    0xfffffe00240b0003\n");
  const Report report = read_panic(text);
  REQUIRE(report.panic->backtraces.size() == 3);
  CHECK(report.panic->backtraces[0].kind == BacktraceKind::allocation);
  CHECK(report.panic->backtraces[0].frames.size() == 2);
  CHECK(report.panic->backtraces[1].kind == BacktraceKind::freed);
  CHECK(report.panic->backtraces[2].kind == BacktraceKind::panicked);
  CHECK(field(report, "Kind") == "use-after-free (high confidence)");
}

}  // namespace
}  // namespace panicscan
