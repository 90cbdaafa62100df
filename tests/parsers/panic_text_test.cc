#include "parsers/panic_text.h"

#include "catch.h"
#include "model/validate.h"
#include "tests/parsers/panic_reading.h"

namespace panicscan {
namespace {

TEST_CASE("a whole Apple silicon panic is read into the model") {
  const Report report = read_panic(kArmPanic);
  CHECK(validate(report).empty());
  CHECK(report.kind == ReportKind::kernel_panic);
  CHECK(report.notes.empty());
  CHECK_FALSE(report.truncated);
  const Panic& panic = *report.panic;

  SECTION("the head line") {
    CHECK(panic.message.value == "void ExampleDriver::complete(): request 17 is lost");
    CHECK(bytes_at(report, panic.message.where) == panic.message.value);
    CHECK(panic.style == MessageStyle::quoted);
    CHECK(panic.source_file->value == "ExampleDriver.cpp");
    CHECK(bytes_at(report, panic.source_file->where) == "ExampleDriver.cpp");
    CHECK(panic.source_line == 42);
    CHECK(panic.cpu->value == 3);
    CHECK(panic.caller->value == Address{0xfffffe00240b1238});
    CHECK(bytes_at(report, panic.caller->where) == "0xfffffe00240b1238");
    CHECK(panic.reporter == "panic");
  }
  SECTION("the machine") {
    const Machine& machine = report.machine;
    CHECK(machine.build->value == "24F74");
    CHECK(machine.arch == Arch::arm64);
    CHECK(machine.soc->value == "T6000");
    CHECK(bytes_at(report, machine.soc->where) == "T6000");
    CHECK(to_string(machine.kernel_uuid->value) == "11111111-2222-3333-4444-555555555555");
    CHECK(to_string(machine.kernelcache_uuid->value) == "00112233-4455-6677-8899-AABBCCDDEEFF");
    CHECK(to_string(machine.boot_session->value) == "66666666-7777-8888-9999-AAAAAAAAAAAA");
  }
  SECTION("where the kernel was loaded") {
    CHECK(panic.layout.kernelcache_slide->value == Slide{0x1c4d0000});
    CHECK(panic.layout.kernelcache_base->value == Address{0xfffffe00234d4000});
    CHECK(panic.layout.kernel_slide->value == Slide{0x1c4d8000});
    CHECK(panic.layout.kernel_text_base->value == Address{0xfffffe00234dc000});
    CHECK(panic.layout.text_exec_slide->value == Slide{0x1d090000});
    CHECK(panic.layout.text_exec_base->value == Address{0xfffffe0024094000});
  }
  SECTION("times") {
    CHECK(panic.times.boot->value.seconds == 1727004672);
    CHECK(panic.times.calendar->value.seconds == 1727004672 + 256);
    CHECK(panic.times.calendar->value.microseconds == 0xffff);
    CHECK(panic.times.sleep->value.seconds == 0);
    CHECK(panic.times.mach_absolute_time->value == 256ULL * 24'000'000);
  }
  SECTION("task, thread and CPUs") {
    CHECK(panic.process->value == ProcessId{501});
    CHECK(panic.process_name->value == "exampledaemon");
    CHECK(panic.thread->value == ThreadId{4242});
    CHECK(panic.thread_pointer->value == Address{0xfffffe1234560000});
    REQUIRE(panic.cores.size() == 4);
    CHECK(panic.cores[0].retired == Address{0xfffffe00240a0000});
    CHECK(panic.cores[1].offline);
    CHECK(panic.cores[1].cluster == "PACC1");
    CHECK(panic.cores[2].panicked);
    CHECK(panic.cores[3].pc == Address{0xfffffe00240a0010});
    CHECK(panic.cores[3].fp == Address{0xfffffe3fffff0000});
  }
  SECTION("the backtrace holds return addresses only") {
    REQUIRE(panic.backtraces.size() == 1);
    const Backtrace& trace = panic.backtraces.front();
    CHECK(trace.kind == BacktraceKind::panicked);
    REQUIRE(trace.frames.size() == 2);
    CHECK(report.frames[trace.frames.begin].address == Address{0xfffffe00240b1238});
    CHECK(report.frames[trace.frames.begin].kind == AddressKind::return_address);
  }
  SECTION("kexts, and their ranges as images") {
    REQUIRE(panic.kexts.size() == 5);
    CHECK(panic.kexts[0].list == KextList::in_backtrace);
    CHECK(panic.kexts[1].list == KextList::dependency);
    CHECK(panic.kexts[2].list == KextList::last_started);
    CHECK(panic.kexts[2].at_ticks == 123456789);
    CHECK(panic.kexts[2].size == 65536);
    CHECK_FALSE(panic.kexts[2].image);
    CHECK(panic.kexts[4].bundle_id == "com.apple.driver.AppleUSBXHCI");
    REQUIRE(report.images.size() == 2);
    CHECK(report.images[0].kind == ImageKind::kext);
    CHECK(report.images[0].size == 0x10000);
    CHECK(panic.kexts[0].image == Index<Image>{0});
  }
  SECTION("every named line is a field as well") {
    CHECK(field(report, "secure boot?") == "YES");
    CHECK(field(report, "roots installed") == "0");
    CHECK(field(report, "Debugger message") == "panic");
    CHECK(field(report, "Zone map") == "0xfffffe1000000000 - 0xfffffe3000000000");
    CHECK(field(report, "Zone VM") == "0xfffffe1000000000 - 0xfffffe14cccc0000");
    CHECK(field(report, "CORE 0 PVH locks held") == "None");
    CHECK(field(report, "Panicked task") ==
          "0xfffffe1234567890: 42 pages, 7 threads: pid 501: exampledaemon");
  }
}

TEST_CASE("a whole Intel panic is read into the model") {
  const Report report = read_panic(kIntelPanic);
  CHECK(validate(report).empty());
  CHECK(report.notes.empty());
  const Panic& panic = *report.panic;
  CHECK(panic.message.value == "Kernel trap at 0xffffff7f93a01234, type 14=page fault, registers:");
  CHECK(report.machine.arch == Arch::x86_64);
  CHECK(report.machine.build->value == "20G165");
  CHECK(report.machine.kernel_version->value.starts_with("Darwin Kernel Version 20.6.0"));
  CHECK(report.machine.product->value == "MacBookPro16,3");
  CHECK(report.machine.boot_args->value == "keepsyms=1");
  CHECK(panic.layout.hib_text_base->value == Address{0xffffff8012100000});
  CHECK(panic.times.uptime_ns->value == 322196603273);
  CHECK(field(report, "Last Sleep Uptime") == "0x0000004b046a04e0");
  CHECK(panic.process_name->value == "exampled");
  CHECK(panic.thread_pointer->value == Address{0xffffff90a1b2c3d0});

  REQUIRE(panic.registers.size() == 1);
  const RegisterSet& registers = panic.registers.front();
  CHECK(registers.find("rip") == 0xffffff7f93a01234);
  CHECK(registers.find("cr2") == 0x18U);
  CHECK(registers.find("error_code") == 2U);
  CHECK(registers.find("r15") == 0xcU);
  CHECK(field(report, "Fault CR2").find("VMM") != std::string::npos);

  REQUIRE(panic.backtraces.size() == 1);
  const Backtrace& trace = panic.backtraces.front();
  CHECK(trace.cpu == 1U);
  REQUIRE(trace.frames.size() == 3);
  const Frame& named = report.frames[trace.frames.begin + 1];
  CHECK(named.reported_symbol == "__ZN3Foo5startEP9IOService + 0x34");
  REQUIRE(named.image);
  CHECK(report.images[named.image->value].name == "com.example.driver.Foo");
  CHECK(report.frames[trace.frames.begin + 2].reported_symbol.empty());

  REQUIRE(panic.kexts.size() == 7);
  CHECK(panic.kexts[1].start == Address{0xffffff7f93000000});
  CHECK_FALSE(panic.kexts[1].image);
  CHECK(panic.kexts[2].bundle_id == "com.apple.driver.driverkit.serial");
  CHECK(panic.kexts[4].bundle_id == "com.apple.driver.usb.AppleUSBXHCI");
  CHECK(panic.kexts[5].bundle_id == "com.apple.iokit.IOUSBHostFamily");
  CHECK(panic.kexts[6].bundle_id == "com.apple.filesystems.apfs");
}

TEST_CASE("what a container has said is not overwritten, and a contradiction is noted once") {
  ReportBuilder builder(std::make_shared<const std::string>(kArmPanic));
  Machine& machine = builder.report().machine;
  machine.build = Sourced<std::string>{"24F99", {}};
  machine.soc = Sourced<std::string>{"0x6000", {}};
  parsers::parse_panic_text(0, builder);
  const Report report = std::move(builder).build();
  CHECK(report.machine.build->value == "24F99");
  CHECK(report.machine.soc->value == "0x6000");
  REQUIRE(count_notes(report, NoteKind::ambiguous) == 1);
  CHECK(report.notes.front().text.find("build") != std::string::npos);
}

TEST_CASE("a watchdog's message stands alone where there is no head line") {
  const Report report =
      read_panic("Debugger message: WDT timeout\nMemory ID: 0x6\nOS version: 21A1\n");
  CHECK(report.panic->message.value == "WDT timeout");
  CHECK(report.panic->reporter == "debugger");
  CHECK(report.machine.build->value == "21A1");
}

TEST_CASE("a text that is nothing but a message is that message") {
  const Report report = read_panic("Unexpected SoC (system) reset occurred");
  CHECK(report.panic->message.value == "Unexpected SoC (system) reset occurred");
  CHECK(report.panic->reporter.empty());
  CHECK_FALSE(report.truncated);
}

TEST_CASE("the place in source code may stand on the line behind the message") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xfffffe0012345678): Driver com.example.dext has crashed too many times\n"
      " @IOUserServer.cpp:4279\nDebugger message: panic\n");
  CHECK(report.panic->message.value == "Driver com.example.dext has crashed too many times");
  CHECK(report.panic->source_file->value == "IOUserServer.cpp");
  CHECK(report.panic->source_line == 4279);
}

TEST_CASE("lines about a dext behind the message are not part of it") {
  const Report report = read_panic(
      "panic(cpu 7 caller 0xfffffe0020be8fec): ExampleSCSI::setPowerState(0xfffffe2fb1a65c00 : "
      "0xfffffe0020bfed88, 0 -> 2) timed out after 21257 ms @IOServicePM.cpp:5609\n"
      "com.example.driver.scsi: \n"
      "    ( id: com.example.driver.scsi; path: /Library/SystemExtensions/"
      "01234567-89AB-CDEF-0123-456789ABCDEF/com.example.driver.scsi.dext; state: loaded )\n"
      "Debugger message: panic\n");
  const Panic& panic = *report.panic;
  CHECK(panic.message.value.ends_with("timed out after 21257 ms"));
  REQUIRE(panic.dexts.size() == 1);
  CHECK(panic.dexts[0].bundle_id == "com.example.driver.scsi");
  CHECK(panic.dexts[0].path.ends_with(".dext"));
  CHECK(panic.dexts[0].state == "loaded");
  CHECK(count_notes(report, NoteKind::unknown_line) == 0);
}

TEST_CASE("status lines of watchdogd become fields of their own") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xfffffe0012345678): userspace watchdog timeout: no successful checkins "
      "from WindowServer (2 induced crashes) in 120 seconds\n"
      "service returned not alive with context : unresponsive work processor(s): main\n"
      "service: logd, total successful checkins in 4000 seconds: 399, last successful checkin: 0 "
      "seconds ago\n"
      "service: WindowServer (2 induced crashes), total successful checkins since wake (300 "
      "seconds "
      "ago): 18, last successful checkin: 120 seconds ago\n"
      "Debugger message: panic\n");
  CHECK(
      report.panic->message.value ==
      "userspace watchdog timeout: no successful checkins from WindowServer (2 induced crashes) in "
      "120 seconds");
  CHECK(count_fields(report, "service") == 2);
  CHECK(field(report, "service").starts_with("logd, total"));
  CHECK(field(report, "service returned not alive with context") ==
        "unresponsive work processor(s): main");
}

TEST_CASE("several panics in one text become several panics") {
  const Report report = read_panic(kIntelPanic + "\n" + kIntelPanic);
  CHECK(validate(report).empty());
  REQUIRE(report.further_panics.size() == 1);
  CHECK(report.further_panics[0].message.value == report.panic->message.value);
  CHECK(report.further_panics[0].backtraces.size() == 1);
  CHECK(report.panic->where.offset + report.panic->where.length <=
        report.further_panics[0].where.offset);
}

TEST_CASE("a line no grammar knows is kept, and a run of them costs one note") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xfffffe0012345678): boom @boom.c:1\nDebugger message: panic\n"
      "something never seen before\nand another one\nNew Key 2: its value\n");
  CHECK(count_fields(report, "line") == 2);
  CHECK(count_notes(report, NoteKind::unknown_line) == 1);
  CHECK(field(report, "New Key 2") == "its value");
}

TEST_CASE("an empty text gives an empty panic and a note") {
  const Report report = read_panic("");
  REQUIRE(report.panic);
  CHECK(report.panic->message.value.empty());
  CHECK(report.truncated);
}

TEST_CASE("a head line without the rest is called an excerpt") {
  const Report report = read_panic("panic(cpu 0 caller 0xfffffe0012345678): boom @boom.c:1");
  CHECK(report.panic->message.value == "boom");
  CHECK(report.truncated);
}

TEST_CASE("a text cut anywhere is read as far as it goes") {
  for (const std::string* whole : {&kArmPanic, &kIntelPanic})
    for (std::size_t size = 0; size < whole->size(); size += 7) {
      const Report report = read_panic(whole->substr(0, size));
      const auto broken = validate(report);
      INFO("cut at " << size << ": " << (broken.empty() ? "" : broken.front()));
      REQUIRE(broken.empty());
      if (size > 200) REQUIRE_FALSE(report.panic->message.value.empty());
    }
}

TEST_CASE("a backtrace that breaks off is called truncated") {
  const std::string text = kArmPanic.substr(0, kArmPanic.find("0xfffffe0025a01abc") + 8);
  const Report report = read_panic(text);
  CHECK(report.truncated);
  CHECK(report.panic->backtraces.front().frames.size() == 1);
}

TEST_CASE("a list of kexts that breaks off inside a name is called truncated") {
  const std::string text = kArmPanic.substr(0, kArmPanic.rfind("USBXHCI"));
  const Report report = read_panic(text);
  CHECK(report.truncated);
  CHECK(report.panic->kexts.back().bundle_id == "com.apple.driver.Apple");
  CHECK(report.panic->kexts.back().version.empty());
}

TEST_CASE("lines that people leave out are noted, and do not split a backtrace") {
  const Report report = read_panic(
      "panic(cpu 2 caller 0xffffff8014016487): \"boom\"@/x/y.c:1\n"
      "Backtrace (CPU 2), Frame : Return Address\n"
      "0xffffff83be6abb40 : 0xffffff80139215cd \n...\n0xffffff83be6abb90 : 0xffffff8013a5a3c5 \n");
  REQUIRE(report.panic->backtraces.size() == 1);
  CHECK(report.panic->backtraces[0].frames.size() == 2);
  CHECK(count_notes(report, NoteKind::unknown_line) == 0);
}

}  // namespace
}  // namespace panicscan
