#include "parsers/kscrash.h"

#include "parsers/report_reading.h"

using namespace panicscan;

TEST_CASE("a report of the KSCrash library is a crash report") {
  const Report report = read_file(R"j({
 "report":{"id":"4D2B0160-69B6-4DC1-BFED-08A0554A67C9","timestamp":"2025-01-02T03:04:05Z"},
 "binary_images":[{"image_addr":4294967296,"image_size":4096,"name":"/Applications/Example.app/Example",
   "uuid":"AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE1"},{"image_addr":"no number"}],
 "system":{"process_name":"Example","process_id":77,"parent_process_id":1,"system_name":"iOS",
   "system_version":"18.1","os_version":"22B83","machine":"iPhone14,2","cpu_arch":"arm64e",
   "CFBundleIdentifier":"com.example.app","CFBundleShortVersionString":"1.0"},
 "crash":{"error":{"mach":{"exception":1,"exception_name":"EXC_BAD_ACCESS","code":1,
     "code_name":"KERN_INVALID_ADDRESS","subcode":24},"signal":{"signal":11,"name":"SIGSEGV"},
     "type":"mach","reason":"it broke"},
   "threads":[
    {"index":0,"crashed":false,"backtrace":{"contents":[]},"registers":{"basic":{"x0":5}}},
    {"index":1,"crashed":true,"dispatch_queue":"com.example.q","registers":{"basic":{"X0":1,"pc":4294967360},"exception":{"far":24}},
     "backtrace":{"contents":[
      {"object_name":"Example","object_addr":4294967296,"symbol_name":"run","symbol_addr":4294967344,"instruction_addr":4294967360},
      {"object_name":"gone.dylib","object_addr":99,"instruction_addr":8589934592},{}]}}]},
 "user":{"note":"kept"}})j");
  CHECK(report.format == "kscrash");
  CHECK(report.kind == ReportKind::crash);
  REQUIRE(report.crash);
  const Crash& crash = *report.crash;
  CHECK(crash.bundle_id == "com.example.app");
  CHECK(crash.pid == ProcessId{77});
  REQUIRE(crash.exception);
  CHECK(crash.exception->type == "EXC_BAD_ACCESS");
  CHECK(crash.exception->signal == "SIGSEGV");
  CHECK(crash.exception->codes == std::vector<std::uint64_t>{1, 24});
  REQUIRE(crash.notes.size() == 1);
  CHECK(crash.notes[0].text.value == "it broke");
  REQUIRE(report.machine.os);
  CHECK(report.machine.os->value == "iOS 18.1 (22B83)");
  CHECK(report.machine.arch == Arch::arm64);
  CHECK(report.images.size() == 1);
  REQUIRE(report.threads.size() == 2);
  REQUIRE(crash.crashed_thread);
  CHECK(crash.crashed_thread->value == 1);
  REQUIRE(crash.registers);
  CHECK(crash.registers->find("x0") == 1);
  CHECK(crash.registers->find("far") == 24);
  REQUIRE(crash.other_registers.size() == 1);
  const IndexRange<Frame> stack = report.threads[1].user_stack;
  REQUIRE(stack.size() == 2);
  CHECK(report.frames[stack.begin].reported_symbol == "run + 16");
  CHECK(report.frames[stack.begin].image);
  CHECK(report.frames[stack.begin + 1].address.value == 8589934592);
  CHECK(field_of(report, "user.note") == "kept");
}

TEST_CASE("images without a crash are no report of the KSCrash library") {
  CHECK(refusal(R"({"binary_images":[],"crash":{}})") != "(read as kscrash)");
}
