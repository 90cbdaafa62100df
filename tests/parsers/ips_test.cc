#include "parsers/ips.h"

#include "parsers/report_reading.h"

using namespace panicscan;

namespace {

void check_is_the_sample(const Report& report) {
  CHECK(report.kind == ReportKind::kernel_panic);
  CHECK(report.format == "ips-panic");
  CHECK(report.bug_type == "210");
  REQUIRE(report.panic);
  CHECK(report.panic->message.value == "example is lost");
  CHECK(report.threads.size() == 5);
  CHECK(report.waits.size() == 3);
}

std::string without_newlines(std::string text) {
  std::erase(text, '\n');
  return text;
}

}  // namespace

TEST_CASE("header and body are found in any layout") {
  check_is_the_sample(read_file(kReport));
  check_is_the_sample(read_file(without_newlines(kReport)));
  check_is_the_sample(read_file("\xEF\xBB\xBF\n  " + kHeader + "\r\n" + kBody));
  std::string wrapped = kHeader;
  for (std::size_t at = wrapped.find(','); at != std::string::npos; at = wrapped.find(',', at + 2))
    wrapped.insert(at + 1, "\n");
  check_is_the_sample(read_file(wrapped + "\n\n\n" + kBody));
}

TEST_CASE("the bug type is read as text, as number and with blanks") {
  for (const std::string type : {"\"210\"", "210", "\" 210 \""}) {
    const Report report = read_file("{\"bug_type\":" + type + "}\n" + kBody);
    CHECK(report.bug_type == "210");
  }
}

TEST_CASE("junk before the report is left out, and said") {
  const Report report = read_file("host:~ root# cat /var/log/x.ips\n" + kReport);
  check_is_the_sample(report);
  CHECK(notes_of(report, NoteKind::remark) == 2);
}

TEST_CASE("other text behind the report is noted") {
  const Report report = read_file(kReport + "\nThanks for any help!\n");
  check_is_the_sample(report);
  CHECK(notes_of(report, NoteKind::remark) == 2);
}

TEST_CASE("a body without its header is a report") {
  const Report report = read_file(kBody);
  CHECK(report.kind == ReportKind::kernel_panic);
  CHECK_FALSE(report.bug_type);
  CHECK(report.threads.size() == 5);
  const Report typed =
      read_file(R"j({"bug_type":"210","panicString":"panic(cpu 0 caller 0x1): x"})j");
  CHECK(typed.bug_type == "210");
}

TEST_CASE("a header alone is a truncated report of its kind") {
  const Report report = read_file(kHeader);
  CHECK(report.kind == ReportKind::kernel_panic);
  CHECK(report.truncated);
  REQUIRE(report.machine.os);
  CHECK(report.machine.os->value == "macOS 15.5 (24F74)");
  CHECK(read_file(R"j({"bug_type":"309","timestamp":"2026"})j").kind == ReportKind::crash);
}

TEST_CASE("a body beyond the limits is noted, and the header kept") {
  const Report report = read_file(kHeader + "\n{\"a\":" + std::string(1000, '['));
  CHECK(report.kind == ReportKind::kernel_panic);
  CHECK(notes_of(report, NoteKind::damaged) == 1);
  CHECK(report.machine.build->value == "24F74");
}

TEST_CASE("a header with a text behind it is a panic or a crash report by that text") {
  const Report panic = read_file(R"j({"bug_type":"110","os_version":"iPhone OS 9.0 (13A344)"}
panic(cpu 0 caller 0xffffff8012345678): "example"
Debugger message: panic
)j");
  CHECK(panic.format == "ips-text");
  CHECK(panic.kind == ReportKind::kernel_panic);
  CHECK(panic.machine.build->value == "13A344");
  CHECK(panic.panic->message.value == "example");
  const Report crash = read_file(R"j({"bug_type":"109"}
Process:             example [12]
Identifier: com.example
Exception Type:  EXC_CRASH (SIGABRT)
Crashed Thread: 0

Thread 0 Crashed:
0 x 0x1 y + 2
)j");
  CHECK(crash.kind == ReportKind::crash);
  CHECK(field_of(crash, "Process") == "example [12]");
  const Report other = read_file("{\"bug_type\":\"142\"}\nWakes: 45001 over the last 300 s\n");
  CHECK(other.kind == ReportKind::other);
  CHECK(field_of(other, "Wakes") == "45001 over the last 300 s");
}

TEST_CASE("what a body is, its members decide before its bug type") {
  CHECK(read_file(R"j({"bug_type":"999"}{"panicString":"panic(cpu 0 caller 0x1): x"})j").kind ==
        ReportKind::kernel_panic);
  CHECK(read_file(R"j({"bug_type":"288"}{"processByPid":{"1":{"pid":1}}})j").kind ==
        ReportKind::stackshot);
  CHECK(read_file(R"j({"bug_type":"309"}{"threads":[],"usedImages":[],"procName":"x"})j").kind ==
        ReportKind::crash);
  const Report nested = read_file(
      R"j({"bug_type":"409"}{"threads":[],"usedImages":[],"pid":-1,
           "stackshot":{"binaryImages":[],"processByPid":{"1":{"pid":1,"threadById":{"5":{"id":5}}}},"extra":1}})j");
  CHECK(nested.kind == ReportKind::crash);
  CHECK(nested.threads.size() == 1);
  CHECK(field_of(nested, "stackshot.extra") == "1");
  REQUIRE(nested.crash);
  CHECK(nested.crash->pid == ProcessId{-1});
  const Report jetsam =
      read_file(R"j({"bug_type":"298"}{"largestProcess":"x","memoryStatus":{"pageSize":16384}})j");
  CHECK(jetsam.kind == ReportKind::other);
  CHECK(jetsam.format == "ips-other");
  CHECK(field_of(jetsam, "memoryStatus.pageSize") == "16384");
}

TEST_CASE("what a crash report as JSON says beyond the model is kept as fields") {
  const Report report = read_file(
      R"j({"bug_type":"309","app_name":"example","os_version":"macOS 15.5 (24F74)"}
{"procName":"example","exception":{"type":"EXC_BAD_ACCESS"},"threads":[{"id":1}],"usedImages":[]})j");
  CHECK(report.format == "ips-crash");
  CHECK(field_of(report, "app_name") == "example");
  REQUIRE(report.crash);
  CHECK(report.crash->exception->type == "EXC_BAD_ACCESS");
  CHECK(report.threads.size() == 1);
  CHECK(report.machine.build->value == "24F74");
}

TEST_CASE("quotes that lost their backslashes do not cost the panic text") {
  std::string damaged = kReport;
  for (std::size_t at = damaged.find("\\\""); at != std::string::npos; at = damaged.find("\\\""))
    damaged.erase(at, 1);
  REQUIRE(damaged.size() + 2 == kReport.size());
  const Report report = read_file(damaged);
  check_is_the_sample(report);
  CHECK(notes_of(report, NoteKind::repaired) == 1);
  CHECK(notes_of(report, NoteKind::damaged) == 0);
}

TEST_CASE("members behind broken JSON are found by their names") {
  std::string damaged = kReport;
  damaged.insert(damaged.find("\"pageSize\""), "\"broken\" 5 : ");
  const Report report = read_file(damaged);
  CHECK(notes_of(report, NoteKind::damaged) == 2);
  check_is_the_sample(report);
  REQUIRE(report.panic->flags);
  CHECK(report.panic->flags->value == 0x802);
}

TEST_CASE("a report pasted from its middle on still gives its panic") {
  const Report report = read_file(kReport.substr(kReport.find("\"panicString\"")));
  REQUIRE(report.panic);
  CHECK(report.panic->message.value == "example is lost");
  CHECK(report.threads.size() == 5);
}

TEST_CASE("JSON whose quotes became entities is read all the same") {
  std::string html = kReport;
  for (std::size_t at = html.find('"'); at != std::string::npos; at = html.find('"', at))
    html.replace(at, 1, "&quot;");
  check_is_the_sample(read_file(html));
}

TEST_CASE("a report that ends anywhere is read as far as it goes") {
  for (std::size_t size = kHeader.size() + 2; size < kReport.size() - 3; ++size) {
    const auto report = parsers::parse(source_from_text("cut", kReport.substr(0, size)));
    INFO(size);
    REQUIRE(report);
    CHECK(report->truncated);
    CHECK(validate(*report) == std::vector<std::string>{});
    CHECK(report->kind == ReportKind::kernel_panic);
  }
  for (std::size_t size = 0; size <= kHeader.size(); ++size) {
    const auto report = parsers::parse(source_from_text("cut", kReport.substr(0, size)));
    if (report) CHECK(validate(*report) == std::vector<std::string>{});
  }
}

TEST_CASE("a byte can be damaged anywhere without harm") {
  constexpr char kBytes[] = {'"', '\\', '{', ']', ',', '\0', '\xff', '9'};
  for (std::size_t at = 0; at < kReport.size(); ++at) {
    std::string damaged = kReport;
    damaged[at] = kBytes[at % sizeof kBytes];
    const auto report = parsers::parse(source_from_text("damaged", std::move(damaged)));
    if (!report) continue;
    INFO(at);
    CHECK(validate(*report) == std::vector<std::string>{});
  }
}
