#include "parsers/panic_full.h"

#include "parsers/report_reading.h"

using namespace panicscan;

TEST_CASE("the machine, the flags and the panic text of a panic-full report") {
  const Report report = read_file(kReport);
  const Machine& machine = report.machine;
  CHECK(machine.os->value == "macOS 15.5 (24F74)");
  CHECK(machine.build->value == "24F74");
  CHECK(machine.product->value == "Mac14,2");
  CHECK(machine.soc->value == "T8112");  // "0x8112", spelled as in the kernel's own name
  CHECK(machine.arch == Arch::arm64);
  CHECK(to_string(machine.incident->value) == "0BADC0DE-0000-4000-8000-00000000BEEF");
  REQUIRE(report.panic);
  CHECK(report.panic->flags->value == 0x802);
  CHECK_FALSE(report.panic->flags_are_intel);
  CHECK(report.panic->caller->value == Address{0xfffffe0024123456});
  CHECK(bytes_at(report, in_file(report, report.panic->flags->where)) == "\"0x802\"");
}

TEST_CASE("evidence in the panic text leads back to the bytes of the JSON string") {
  const Report report = read_file(kReport);
  const std::string_view in_json = bytes_at(report, in_file(report, report.panic->caller->where));
  CHECK_THAT(std::string(in_json), Catch::Contains("0xfffffe0024123456"));
}

TEST_CASE("what has no place in the model becomes fields") {
  const Report report = read_file(kReport);
  CHECK(field_of(report, "date") == "2026-02-03 04:05:06.07 +0000");
  CHECK(field_of(report, "timestamp") == "2026-02-03 04:05:06.00 +0000");
  CHECK(field_of(report, "memoryStatus.memoryPages.wired") == "29763");
  CHECK(field_of(report, "otherString") ==
        "** Stackshot Succeeded ** Bytes Traced 4096 (Uncompressed 8192) **");
  CHECK(field_of(report, "product") == "(none)");
  CHECK(field_of(report, "processByPid") == "(none)");
  CHECK(notes_of(report, NoteKind::remark) == 1);
  const Report odd = read_file(
      R"j({"panicString":"panic(cpu 0 caller 0x1): x","newKey":[1, {"a" : "b c"}],"deep":{"x":{"y":null}},"e":{}})j");
  CHECK(field_of(odd, "newKey") == R"j([1,{"a":"b c"}])j");
  CHECK(field_of(odd, "deep.x.y") == "null");
  CHECK(field_of(odd, "e") == "{}");
}

TEST_CASE("panic flags are read as hex text and as a number") {
  for (const std::string flags : {"\"0x102\"", "258"}) {
    const Report report =
        read_file(R"j({"panicString":"panic(cpu 0 caller 0x1): x","panicFlags":)j" + flags + "}");
    CHECK(report.panic->flags->value == 0x102);
  }
}

TEST_CASE("with two panic texts, that of the side that panicked is the panic") {
  const Report host = read_file(
      R"j({"bug_type":"210","caused_by":"macos","macos_version":"Mac OS X 10.15.7 (19H2)","os_version":"Bridge OS 5.0 (18P4000)"}
{"build":"Bridge OS 5.0 (18P4000)","product":"iBridge2,99","kernel":"Darwin Kernel Version 20.0.0: x/RELEASE_ARM64_T8010",
 "panicString":"panic(cpu 0 caller 0xfffffff010203040): x86 CPU CATERR detected\nDebugger message: panic\n",
 "macOSPanicString":"panic(cpu 2 caller 0xffffff8004a1b2c3): \"host example\"@x.c:12\n",
 "panicFlags":"0x102","macOSPanicFlags":"0x4"})j");
  CHECK(host.panic->message.value == "host example");
  CHECK(host.panic->flags->value == 0x4);
  CHECK(host.panic->flags_are_intel);
  CHECK(host.machine.os->value == "Mac OS X 10.15.7 (19H2)");
  CHECK(host.machine.arch == Arch::x86_64);
  CHECK(field_of(host, "product") == "iBridge2,99");
  CHECK(field_of(host, "panicFlags") == "0x102");
  CHECK_THAT(field_of(host, "panicString"), Catch::StartsWith("panic(cpu 0"));
}

TEST_CASE("a placeholder is not a panic text") {
  const Report report = read_file(
      R"j({"product":"iBridge2,16","panicString":"Unexpected SoC (system) watchdog reset occurred during sleep/wake transition",
           "macOSPanicString":"BAD MAGIC! (flag set in iBoot panic header), no macOS panic log available","panicFlags":"0x0"})j");
  CHECK_THAT(report.panic->message.value, Catch::StartsWith("Unexpected SoC"));
  CHECK(report.machine.product->value == "iBridge2,16");
  CHECK_THAT(field_of(report, "macOSPanicString"), Catch::StartsWith("BAD MAGIC!"));
  const Report only = read_file(
      R"j({"macOSPanicString":"not yet set","macOSProcessedStackshotData":"bm8gb24gZGlzayBvciBzbGVlcC93YWtlIGZhaWx1cmUgcGFuaWMgc3RhY2tzaG90IGZvdW5k"})j");
  CHECK(only.kind == ReportKind::kernel_panic);
  CHECK(field_of(only, "macOSProcessedStackshotData") ==
        "no on disk or sleep/wake failure panic stackshot found");
}

TEST_CASE("a binary stackshot without threads leaves its size and a note") {
  const Report report = read_file(
      R"j({"macOSProcessedStackshotData":"B1iiWQAAAAAAAAAAAAAAAAAAAAA=","macOSPanicString":"panic(cpu 0 caller 0xffffff8012345678): x"})j");
  CHECK_THAT(field_of(report, "macOSProcessedStackshotData"),
             Catch::Contains("a binary stackshot of about"));
  CHECK(report.threads.empty());
  CHECK_FALSE(report.notes.empty());
}

TEST_CASE("a forced reset keeps its kind, with and without a panic text") {
  const Report button = read_file(R"j({"bug_type":"151","os_version":"iPhone OS 16.2 (20C65)"}
{"product":"iPhone11,8","string":"panic(cpu 1 caller 0xfffffff02e156784): btn_rst\nDebugger message: panic\n","panicFlags":"0x882"})j");
  CHECK(button.kind == ReportKind::forced_reset);
  CHECK(button.format == "ips-forced-reset");
  REQUIRE(button.panic);
  CHECK(button.panic->message.value == "btn_rst");
  CHECK(button.panic->flags->value == 0x882);
  const Report words = read_file(
      R"j({"bug_type":"151"}{"socId":"8020","string":"reset by the watchdog\nno log\n"})j");
  CHECK(words.kind == ReportKind::forced_reset);
  CHECK_FALSE(words.panic);
  CHECK(field_of(words, "string") == "reset by the watchdog");
}

TEST_CASE("a panic report without any panic text says so") {
  const Report report = read_file(R"j({"bug_type":"210"}{"product":"Mac14,2","kernel":"x"})j");
  CHECK(report.kind == ReportKind::kernel_panic);
  CHECK(report.panic);
  CHECK(notes_of(report, NoteKind::damaged) == 1);
}

TEST_CASE("the header's OS is used when the body names none, and kept when they differ") {
  const Report plain = read_file(R"j({"bug_type":"210","os_version":"macOS 14.1 (23B74)"}
{"panicString":"panic(cpu 0 caller 0x1): x"})j");
  CHECK(plain.machine.build->value == "23B74");
  const Report updated = read_file(R"j({"bug_type":"210","os_version":"macOS 14.2 (23C64)"}
{"build":"macOS 14.1 (23B74)","panicString":"panic(cpu 0 caller 0x1): x"})j");
  CHECK(updated.machine.build->value == "23B74");
  CHECK(field_of(updated, "os_version") == "macOS 14.2 (23C64)");
}
