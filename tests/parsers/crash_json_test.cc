#include "model/placement.h"
#include "model/symbols.h"
#include "parsers/report_reading.h"

using namespace panicscan;

namespace {

constexpr const char* kCrash =
    R"j({"bug_type":"309","name":"com.example.driver","app_version":"1.2","os_version":"macOS 15.5 (24F74)","incident_id":"11111111-2222-4333-8444-555555555555"}
{
  "pid" : 812, "procName" : "com.example.driver", "parentPid" : 1, "parentProc" : "launchd",
  "procPath" : "\/Library\/SystemExtensions\/AAAA\/com.example.driver.dext\/com.example.driver",
  "bundleInfo" : {"CFBundleIdentifier":"com.example.driver","CFBundleShortVersionString":"1.2","CFBundleVersion":"7"},
  "cpuType" : "ARM-64", "modelCode" : "Mac14,2", "isCorpse" : 1, "translated" : false,
  "osVersion" : {"train":"macOS 15.5","build":"24F74"},
  "exception" : {"codes":"0x0000000000000001, 0x0000000000000018","rawCodes":[1,24],"type":"EXC_BAD_ACCESS","signal":"SIGSEGV","subtype":"KERN_INVALID_ADDRESS at 0x0000000000000018","extra":"kept"},
  "termination" : {"flags":0,"code":11,"namespace":"SIGNAL","indicator":"Segmentation fault: 11","byProc":"exc handler","byPid":812,"reasons":["one","two"]},
  "asi" : {"libsystem_c.dylib":["abort() called",["nested"]],"DriverKit":"a \"quoted\" text"},
  "ktriageinfo" : "VM - example\n",
  "faultingThread" : 1,
  "threads" : [
   {"id":900,"queue":"Root","frames":[{"imageOffset":16,"imageIndex":0}]},
   {"triggered":true,"id":901,"name":"worker","queue":"Example-Default",
    "threadState":{"flavor":"ARM_THREAD_STATE64","x":[{"value":1},{"value":18446744073709551615}],
      "lr":{"value":4096},"pc":{"value":4294971408,"matchesCrashFrame":1},"far":{"value":24},
      "esr":{"value":2449473542,"description":"(Data Abort) byte read Translation fault"}},
    "frames":[
     {"imageOffset":4112,"symbol":"inner()","symbolLocation":4,"inline":true,"imageIndex":0,"sourceFile":"driver.h","sourceLine":9},
     {"imageOffset":4112,"symbol":"outer()","symbolLocation":40,"imageIndex":0,"sourceFile":"driver.cpp","sourceLine":120},
     {"imageOffset":512,"symbol":"start","imageIndex":1},
     {"imageOffset":6442451000}]}],
  "lastExceptionBacktrace" : [{"imageOffset":32,"imageIndex":1},{"imageOffset":64,"imageIndex":0}],
  "usedImages" : [
   {"source":"P","arch":"arm64","base":4294967296,"size":32768,"uuid":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee","path":"\/Library\/SystemExtensions\/AAAA\/com.example.driver.dext\/com.example.driver","name":"com.example.driver","CFBundleVersion":"7"},
   {"source":"P","arch":"arm64e","base":6442455040,"size":4096,"uuid":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee1","name":"libsystem_c.dylib"},
   {"source":"A","base":0,"size":0,"uuid":"00000000-0000-0000-0000-000000000000"}],
  "sharedCache" : {"base":6442450944,"size":1048576,"uuid":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee2"},
  "legacyInfo" : {"threadTriggered":{"name":"worker"}}
})j";

}  // namespace

TEST_CASE("a crash report as JSON gives process, exception and termination") {
  const Report report = read_file(kCrash);
  CHECK(report.format == "ips-crash");
  CHECK(report.kind == ReportKind::crash);
  REQUIRE(report.crash);
  const Crash& crash = *report.crash;
  CHECK(crash.process == "com.example.driver");
  CHECK(crash.pid == ProcessId{812});
  CHECK(crash.parent == "launchd");
  CHECK(crash.bundle_id == "com.example.driver");
  CHECK(crash.version == "1.2 (7)");
  CHECK(crash.is_corpse);
  CHECK(crash.is_fatal);
  CHECK_FALSE(crash.is_translated);
  REQUIRE(crash.exception);
  CHECK(crash.exception->type == "EXC_BAD_ACCESS");
  CHECK(crash.exception->codes == std::vector<std::uint64_t>{1, 24});
  CHECK(field_of(report, "exception.extra") == "kept");
  REQUIRE(crash.termination);
  CHECK(crash.termination->name_space == "SIGNAL");
  CHECK(crash.termination->code == 11U);
  CHECK(crash.termination->reasons.size() == 2);
  CHECK(crash.kernel_triage == "VM - example\n");
  CHECK(report.machine.os->value == "macOS 15.5 (24F74)");
  CHECK(report.machine.product->value == "Mac14,2");
  CHECK(report.machine.arch == Arch::arm64);
  REQUIRE(crash.notes.size() == 3);
  CHECK(crash.notes[0].library == "libsystem_c.dylib");
  CHECK(crash.notes[1].text.value == "nested");
  CHECK(crash.notes[2].text.value == "a \"quoted\" text");
  CHECK(bytes_at(report, crash.notes[2].text.where) == "a \"quoted\" text");
}

TEST_CASE("frames of a crash report have addresses, images, the report's names and inlining") {
  const Report report = read_file(kCrash);
  REQUIRE(report.threads.size() == 2);
  CHECK(report.crash->crashed_thread == Index<Thread>{1});
  const Thread& thread = report.threads[1];
  CHECK(thread.id == ThreadId{901});
  CHECK(thread.queue == "Example-Default");
  REQUIRE(thread.user_stack.size() == 4);
  const auto frame = [&](std::uint32_t i) -> const Frame& {
    return report.frames[thread.user_stack.begin + i];
  };
  CHECK(frame(0).address == Address{0x100001010});
  CHECK(frame(0).is_inline);
  CHECK(frame(0).kind == AddressKind::pc);
  CHECK(frame(0).reported_symbol == "inner() + 4");
  CHECK(frame(1).address == frame(0).address);
  CHECK(frame(1).kind == AddressKind::pc);
  REQUIRE(frame(1).reported_place);
  CHECK(report.places[frame(1).reported_place->value].line == 120);
  CHECK(frame(2).kind == AddressKind::return_address);
  CHECK(frame(2).address == Address{6442455552});
  CHECK_FALSE(frame(3).image);
  CHECK(frame(3).address == Address{6442451000});
  CHECK(report.crash->exception_backtrace.size() == 2);
  CHECK(report.frames[report.crash->exception_backtrace.begin].kind == AddressKind::return_address);
  const Symbols names = symbols_in_report(report);
  const auto outer = names.of({thread.user_stack.begin + 1});
  REQUIRE(outer.size() == 1);
  CHECK(outer[0].function == "outer()");
  CHECK(outer[0].file == "driver.cpp");
  CHECK(outer[0].line == 120);
  const auto placements = place_frames(report);
  CHECK(placements[thread.user_stack.begin].offset == Offset{4112});
  CHECK(placements[thread.user_stack.begin + 3].status == PlacementStatus::shared_cache);
}

TEST_CASE("registers and images of a crash report") {
  const Report report = read_file(kCrash);
  REQUIRE(report.crash->registers);
  CHECK(report.crash->registers->find("x1") == 18446744073709551615U);
  CHECK(report.crash->registers->find("far") == 24U);
  CHECK(report.crash->fault == "(Data Abort) byte read Translation fault");
  REQUIRE(report.images.size() == 4);
  CHECK(report.images[0].kind == ImageKind::process);
  CHECK(report.images[0].size == 32768U);
  CHECK(report.images[1].kind == ImageKind::cached_library);
  CHECK(report.images[2].kind == ImageKind::absolute);
  CHECK_FALSE(report.images[2].size);
  CHECK(report.images[3].kind == ImageKind::shared_cache);
}

TEST_CASE("parts of a crash report may be missing, null or of another type") {
  for (
      const char* body :
      {R"j({"threads":null,"usedImages":null,"exception":null,"termination":null,"asi":null})j",
       R"j({"threads":{},"usedImages":"x","exception":5,"termination":[],"asi":["a"],"faultingThread":"0"})j",
       R"j({"threads":[null,5,{"frames":null},{"frames":[null,{"imageIndex":9,"imageOffset":1}]}],"usedImages":[null,{}],"faultingThread":99})j"}) {
    INFO(body);
    const Report report = read_file(std::string("{\"bug_type\":\"309\"}\n") + body);
    CHECK(report.format == "ips-crash");
    CHECK(validate(report).empty());
  }
}

TEST_CASE("simulated crashes are not fatal and their images are compact") {
  const Report report = read_file(
      R"j({"bug_type":"385"}{"procName":"example","isNonFatal":1,"threads":[{"triggered":true,"id":7,"frames":[{"imageIndex":0,"imageOffset":16}]}],
      "usedImages":[{"base":4096,"source":"P","uuid":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"}]})j");
  CHECK_FALSE(report.crash->is_fatal);
  CHECK(report.crash->crashed_thread == Index<Thread>{0});
  CHECK(report.frames[0].address == Address{4112});
}

TEST_CASE("a watchdog's crash report holds its process and the stackshot") {
  const Report report = read_file(
      R"j({"bug_type":"409"}{"threads":[{"id":3,"frames":[]}],"usedImages":[],"pid":-1,"termination":{"namespace":"WATCHDOG"},
           "stackshot":{"binaryImages":[],"processByPid":{"1":{"pid":1,"threadById":{"5":{"id":5}}}},"extra":1}})j");
  CHECK(report.kind == ReportKind::crash);
  CHECK(report.processes.size() == 2);
  CHECK(report.threads.size() == 2);
  CHECK(report.crash->pid == ProcessId{-1});
  CHECK(field_of(report, "stackshot.extra") == "1");
}

TEST_CASE("a memory pressure event lists its processes with memory and reason") {
  const Report report = read_file(
      R"j({"bug_type":"298","os_version":"iPhone OS 17.5.1 (21F90)"}{"memoryStatus":{"pageSize":16384},"largestProcess":"example",
      "processes":[{"pid":40,"name":"example","rpages":10,"states":["frontmost"],"reason":"per-process-limit"},{"pid":41,"name":"other","rpages":1}]})j");
  CHECK(report.format == "ips-jetsam");
  CHECK(report.kind == ReportKind::other);
  REQUIRE(report.processes.size() == 2);
  CHECK(report.processes[0].resident_bytes == 163840U);
  CHECK(report.processes[0].ended_because == "per-process-limit");
  CHECK(validate(report).empty());
}

TEST_CASE("the registers of every thread that has some are kept") {
  const Report report = read_file(
      R"j({"bug_type":"309"}
{"exception":{"type":"EXC_CRASH"},"faultingThread":1,"usedImages":[],"threads":[
 {"id":7,"threadState":{"x":[{"value":70}],"pc":{"value":71}},"frames":[]},
 {"id":8,"triggered":true,"threadState":{"x":[{"value":80}]},"frames":[]},
 {"id":9,"frames":[]},
 {"id":10,"threadState":{"rax":{"value":100}},"frames":[]}]})j");
  REQUIRE(report.crash);
  const Crash& crash = *report.crash;
  REQUIRE(crash.registers);
  CHECK(crash.registers->find("x0") == 80);
  REQUIRE(crash.other_registers.size() == 2);
  CHECK(crash.other_registers[0].thread.value == 0);
  CHECK(crash.other_registers[0].set.find("pc") == 71);
  CHECK(crash.other_registers[1].thread.value == 3);
  CHECK(crash.other_registers[1].set.find("rax") == 100);
}
