#include "parsers/format.h"

#include <set>

#include "parsers/report_reading.h"

using namespace panicscan;

TEST_CASE("every format has a name of its own and a sentence") {
  std::set<std::string_view> names;
  for (const parsers::Format& format : parsers::formats()) {
    CHECK(names.insert(format.name).second);
    CHECK_FALSE(format.meaning.empty());
  }
  CHECK(names.size() == parsers::formats().size());
}

TEST_CASE("text is a panic or a crash report by what stands in it") {
  const Report panic = read_file(
      "*** Panic Report ***\npanic(cpu 1 caller 0xffffff8012345678): \"example\"@x.c:1\n"
      "Backtrace (CPU 1), Frame : Return Address\n0xffffff81a2b3c000 : 0xffffff8012340001 \n");
  CHECK(panic.format == "panic-text");
  CHECK(panic.kind == ReportKind::kernel_panic);
  const Report crash = read_file(
      "Process:               example [12]\nIdentifier:            com.example\nCrashed Thread:  "
      "0\n"
      "Exception Type:        EXC_CRASH (SIGABRT)\n\nThread 0 Crashed:\n0   x  0x1 y + 2\n");
  CHECK(crash.format == "crash-text");
  CHECK(crash.kind == ReportKind::crash);
  CHECK(field_of(crash, "Exception Type") == "EXC_CRASH (SIGABRT)");
}

TEST_CASE("inputs of other kinds are refused with the kind and the way out") {
  using Catch::Contains;
  CHECK_THAT(refusal(""), Contains("empty"));
  CHECK_THAT(refusal(" \n\t\n"), Contains("blanks"));
  CHECK_THAT(refusal("{\n  \"schema\": \"panicscan.report/1\",\n  \"panic\": {}\n}\n"),
             Contains("result of panicscan"));
  CHECK_THAT(refusal("\x1f\x8b\x08 and so on"),
             Contains("gzip") && Contains("nothing could be unpacked"));
  CHECK_THAT(refusal(std::string("\xfd") + "7zXZ" + std::string(20, '\0')), Contains("xz"));
  CHECK_THAT(refusal("PK\x03\x04 and so on"), Contains("zip"));
  CHECK_THAT(refusal(std::string(257, 'x') + "ustar and so on"), Contains("tar"));
  const std::string kcdata = "\x57\xf1\xad\xde" + std::string(40, '\0');
  CHECK_THAT(refusal(kcdata), Contains("read as kcdata-crash"));
  CHECK_THAT(refusal(std::string(16, 'k') + kcdata), Contains("read as kcdata-crash"));
  CHECK_THAT(refusal("bplist00 and so on"), Contains("property list"));
  // The 16 bytes of a kcdata header, and zeros.
  CHECK_THAT(refusal("V/Gt3gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="),
             Contains("read as kcdata-crash"));
}

TEST_CASE("inputs without a report in them are refused with what would be one") {
  for (const std::string input :
       {"Dear reader,\nnothing to see here.\n", "{\"name\": \"other JSON\", \"list\": [1, 2]}",
        "[1, 2, 3]", "2026-01-02 03:04:05.678 Df  example[99:1234] all is well\n"}) {
    INFO(input);
    CHECK_THAT(refusal(input), Catch::Contains("panic(cpu"));
  }
  std::string noise;
  for (int i = 0; i < 5000; ++i) noise += static_cast<char>((i * 7919 + i / 13) % 253 + 3);
  CHECK_THAT(refusal(noise), Catch::Contains("binary data"));
  CHECK(parsers::parse(source_from_text("x.ips", "")).error().code == ErrorCode::unknown_format);
}

TEST_CASE("the name of a file means nothing") {
  const auto report = parsers::parse(source_from_text("crash.txt.gz", kReport));
  REQUIRE(report);
  CHECK(report->format == "ips-panic");
}

TEST_CASE("hostile JSON ends with an error, and quickly") {
  for (const std::string& text : {"{\"bug_type\":" + std::string(5'000'000, '['),
                                  std::string(5'000'000, '{'), std::string(2'000'000, '"')}) {
    CHECK_FALSE(parsers::parse(source_from_text("hostile", text)));
  }
}
