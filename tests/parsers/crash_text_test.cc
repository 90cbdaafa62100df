#include "parsers/crash_rows.h"

#include "parsers/report_reading.h"

using namespace panicscan;
using namespace panicscan::parsers;

namespace {

constexpr const char* kCrash = R"(Incident Identifier: 11111111-2222-4333-8444-555555555555
Hardware Model:      Mac14,2
Process:             com.example.driver [812]
Path:                /Library/SystemExtensions/AAAA/com.example.driver.dext/com.example.driver
Identifier:          com.example.driver
Version:             1.2 (7)
Code Type:           ARM-64 (Native)
Parent Process:      launchd [1]
Date/Time:           2025-01-02 03:04:05.678 +0000
OS Version:          macOS 15.5 (24F74)

Triggered by Thread:  1

Exception Type:        EXC_BAD_ACCESS (SIGSEGV)
Exception Codes:       0x0000000000000001, 0x0000000000000018
Exception Subtype:     KERN_INVALID_ADDRESS at 0x0000000000000018
Exception Note:        EXC_CORPSE_NOTIFY
Termination Reason:    Namespace SIGNAL, Code 11 Segmentation fault: 11
Terminating Process:   exc handler [812]

Application Specific Information:
first line
  second: line

Thread 0::  Dispatch queue: Root
0   libsystem_kernel.dylib        	0x180001000 __workq_kernreturn + 8

Thread 1 name:  worker
Thread 1 Crashed:
0   com.example.driver            	0x0000000100001010 Driver::fill(void*) + 40 (driver.cpp:120)
1   com.example.driver            	0x0000000100001200 0x100000000 + 4608
2   ???                           	0x0000000000000010 0x0 + 16
3   Some Other Library            	0x0000000200000010 start + 1

Thread 1 crashed with ARM Thread State (64-bit):
    x0: 0x0000000000000001   x1: 0xffffffffffffffff
   far: 0x0000000000000018  esr: 0x92000006 (Data Abort) byte read Translation fault

Binary Images:
       0x100000000 -        0x100007fff com.example.driver arm64  <aaaaaaaabbbb4ccc8dddeeeeeeeeeeee> /Library/SystemExtensions/AAAA/com.example.driver.dext/com.example.driver
       0x180000000 -        0x180003fff libsystem_kernel.dylib (*) <aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeee1> /usr/lib/system/libsystem_kernel.dylib
               0x0 - 0xffffffffffffffff ??? (*) <00000000-0000-0000-0000-000000000000> ???

EOF
)";

}  // namespace

TEST_CASE("a crash report as text gives the same parts as one in JSON") {
  const Report report = read_file(kCrash);
  CHECK(report.format == "crash-text");
  REQUIRE(report.crash);
  const Crash& crash = *report.crash;
  CHECK(crash.process == "com.example.driver");
  CHECK(crash.pid == ProcessId{812});
  CHECK(crash.parent_pid == ProcessId{1});
  CHECK(crash.is_corpse);
  CHECK(crash.exception->type == "EXC_BAD_ACCESS");
  CHECK(crash.exception->signal == "SIGSEGV");
  CHECK(crash.exception->codes == std::vector<std::uint64_t>{1, 24});
  CHECK(crash.exception->subtype == "KERN_INVALID_ADDRESS at 0x0000000000000018");
  CHECK(crash.termination->name_space == "SIGNAL");
  CHECK(crash.termination->code == 11U);
  CHECK(crash.termination->indicator == "Segmentation fault: 11");
  CHECK(crash.termination->by_pid == ProcessId{812});
  REQUIRE(crash.notes.size() == 1);
  CHECK(crash.notes[0].text.value == "first line\n  second: line");
  CHECK(crash.registers->find("x1") == 0xffffffffffffffffU);
  CHECK(crash.fault == "(Data Abort) byte read Translation fault");
  CHECK(report.machine.arch == Arch::arm64);

  REQUIRE(report.threads.size() == 2);
  CHECK(report.threads[0].queue == "Root");
  CHECK(report.threads[1].name == "worker");
  CHECK(crash.crashed_thread == Index<Thread>{1});
  REQUIRE(report.threads[1].user_stack.size() == 4);
  const Frame* frames = &report.frames[report.threads[1].user_stack.begin];
  CHECK(frames[0].reported_symbol == "Driver::fill(void*) + 40");
  CHECK(report.places[frames[0].reported_place->value].line == 120);
  CHECK(frames[0].kind == AddressKind::pc);
  CHECK(frames[1].image == Index<Image>{0});
  CHECK(frames[1].reported_symbol.empty());
  CHECK_FALSE(frames[2].image);
  CHECK(report.places[frames[3].reported_place->value].image == "Some Other Library");

  REQUIRE(report.images.size() == 3);
  CHECK(report.images[0].size == 0x8000U);
  CHECK(report.images[0].architecture == "arm64");
  CHECK(report.images[0].uuid);
  CHECK(report.images[2].kind == ImageKind::absolute);
}

TEST_CASE("a quoted or wrapped in HTML crash report reads like the clean one") {
  std::string html = kCrash;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at))
    html.replace(at, 1, "&lt;");
  for (std::size_t at = html.find('>'); at != std::string::npos; at = html.find('>', at))
    html.replace(at, 1, "&gt;");
  const Report report = read_file(html);
  CHECK(report.images.at(0).uuid == read_file(kCrash).images.at(0).uuid);
}

TEST_CASE("rows of stacks in every shape") {
  const auto old =
      read_crash_row("2   Crash-Tester  0x000668a8 0x5f000 + 30888 (-[Crasher doAbort] + 8)");
  REQUIRE(old);
  CHECK(old->address == 0x668a8U);
  CHECK(old->base == 0x5f000U);
  CHECK(old->symbol == "-[Crasher doAbort] + 8");
  const auto plain = read_crash_row("13  An App   0x00000000000ea004 main (main.m:16)");
  REQUIRE(plain);
  CHECK(plain->image == "An App");
  CHECK(plain->symbol == "main");
  CHECK(plain->line == 16);
  const auto lost = read_crash_row("0   a.out      \t@foo@ foo + 16 (test.c:3)");
  REQUIRE(lost);
  CHECK_FALSE(lost->address);
  CHECK_FALSE(read_crash_row("Thread 1:"));
  CHECK_FALSE(read_crash_row(""));
}

TEST_CASE("a crash report that ends anywhere is read as far as it goes") {
  const std::string whole = kCrash;
  for (std::size_t size = 200; size < whole.size(); size += 7) {
    const auto report = parsers::parse(source_from_text("cut", whole.substr(0, size)));
    if (report) CHECK(validate(*report).empty());
  }
}
