#include "parsers/kcdata_report.h"

#include <algorithm>

#include "base/source.h"
#include "catch.h"
#include "model/validate.h"
#include "parsers/format.h"
#include "parsers/kcdata_writer.h"

namespace panicscan {
namespace {

using testing::KcdataWriter;
constexpr auto le = KcdataWriter::le;

std::string name_field(std::string text, std::size_t size) {
  text.resize(size, '\0');
  return text;
}

/// Two threads of one process; the first waits for a mutex that the second holds.
std::string stackshot() {
  const std::string task = le(7, 8) + le(0, 8) + std::string(24, '\0') + le(4096, 8) +
                           std::string(8 + 28, '\0') + le(42, 4) + name_field("exampled", 32);
  const auto thread = [](std::uint64_t tid, std::uint32_t state) {
    return le(tid, 8) + std::string(56, '\0') + le(0x1, 8) + std::string(16, '\0') + le(state, 4) +
           le(0, 4) + le(31, 2) + le(31, 2) + std::string(4, '\0') + le(0, 8);
  };
  KcdataWriter out(0x59a25807);
  out.item(0x90f, "Darwin Kernel Version 25.0.0: example");
  out.begin(0x903, 7).item(0x905, task);
  out.begin(0x904, 100).item(0x906, thread(100, 0x9)).item(0x909, name_field("reader", 64));
  out.item(0x928, "com.example.queue");
  out.array(0x914, 2, le(0xfffffe0007001000, 8) + le(0xfffffe0007002000, 8)).end(100);
  out.begin(0x904, 101).item(0x906, thread(101, 0x4)).end(101);
  out.array(0x91d, 1, le(101, 8) + le(100, 8) + le(0xabc, 8) + le(1, 1));
  out.array(0x929, 1, le(100, 8) + le(101, 8) + le(31, 1) + le(0, 1) + le(8, 8));
  return out.end(7).take();
}

Expected<Report> read(std::string bytes, const Limits& limits = {}) {
  return parsers::parse(source_from_text("kcdata", std::move(bytes)), limits);
}

bool says(const Report& report, std::string_view text) {
  return std::ranges::any_of(
      report.notes, [&](const Note& note) { return note.text.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("a binary stackshot gives processes, threads, stacks and waits") {
  for (const std::string& chunk : {std::string(), std::string(16, 'c')}) {
    const auto report = read(chunk + stackshot());
    REQUIRE(report);
    CHECK(validate(*report) == std::vector<std::string>{});
    CHECK(report->kind == ReportKind::stackshot);
    CHECK(report->format == "kcdata-stackshot");
    CHECK(report->notes.empty());
    REQUIRE(report->processes.size() == 1);
    CHECK(report->processes[0].id.value == 42);
    CHECK(report->processes[0].name == "exampled");
    CHECK(report->processes[0].resident_bytes == 4096);
    REQUIRE(report->threads.size() == 2);
    CHECK(report->threads[0].name == "reader");
    CHECK(report->threads[0].queue == "com.example.queue");
    CHECK(report->threads[0].state == std::vector<std::string>{"TH_WAIT", "TH_UNINT"});
    CHECK(report->threads[0].base_priority == 31);
    REQUIRE(report->threads[0].kernel_stack.size() == 2);
    CHECK(report->frames[0].address.value == 0xfffffe0007001000);
    REQUIRE(report->waits.size() == 2);
    CHECK(report->waits[0].kind == WaitKind::kernel_mutex);
    CHECK(report->waits[0].owner == Owner(ThreadId{101}));
    CHECK(report->waits[0].object == ObjectId{0xabc});
    CHECK(report->waits[1].kind == WaitKind::turnstile);
    CHECK(report->waits[1].owner == Owner(ThreadId{101}));
  }
}

TEST_CASE("kcdata cut anywhere is a partial report that says so") {
  const std::string whole = stackshot();
  for (std::size_t size = 16; size < whole.size(); ++size) {
    const auto report = read(whole.substr(0, size));
    INFO(size);
    REQUIRE(report);
    CHECK(report->truncated);
    CHECK(validate(*report) == std::vector<std::string>{});
  }
}

TEST_CASE("kcdata with any one byte flipped is still a valid report or no kcdata") {
  const std::string whole = stackshot();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(~bytes[at]);
    INFO(at);
    const auto report = read(std::move(bytes));
    if (report) CHECK(validate(*report) == std::vector<std::string>{});
  }
}

TEST_CASE("an array of a thousand million elements is left out with a note") {
  KcdataWriter out(0x59a25807);
  out.header(0x20, 16, std::uint64_t{0x914} << 32 | 1'000'000'000);
  const auto report = read(out.header(0, 0, 0).take());
  REQUIRE(report);
  CHECK(says(*report, "an array claims 1000000000 elements of type 0x914 in 16 bytes"));
}

TEST_CASE("a million nested containers stop at the limit") {
  KcdataWriter out(0x59a25807);
  for (int i = 0; i < 1'000'000; ++i) out.begin(0x903, 1);
  const auto report = read(out.take());
  REQUIRE(report);
  CHECK(says(*report, "more than the limit of 64 (--limit-kcdata-depth)"));
}

std::string base64(std::string bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  while (bytes.size() % 3 != 0) bytes += '\0';
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t n = 0; n < 3; ++n)
      group = group << 8 | static_cast<unsigned char>(bytes[i + n]);
    for (int shift = 18; shift >= 0; shift -= 6) text += kDigits[group >> shift & 63];
  }
  return text;
}

TEST_CASE("base64 of a stackshot is decoded") {
  const auto report = read(base64(stackshot()));
  REQUIRE(report);
  CHECK(report->threads.size() == 2);
  CHECK(says(*report, "decoded from base64"));
}

TEST_CASE("the binary stackshot of a panic report gives its threads when there are no others") {
  const std::string head =
      "{\"bug_type\":\"210\"}\n{\"macOSPanicString\":"
      "\"panic(cpu 0 caller 0xffffff8000200000): example\","
      "\"macOSProcessedStackshotData\":\"";
  const auto report = read(head + base64(stackshot()) + "\"}");
  REQUIRE(report);
  CHECK(validate(*report) == std::vector<std::string>{});
  CHECK(report->kind == ReportKind::kernel_panic);
  REQUIRE(report->threads.size() == 2);
  CHECK(report->waits.size() == 2);
  CHECK(in_file(*report, report->threads[0].where).offset == head.size() - 1);
  const auto damaged = read(head + base64(std::string(60, 'x')) + "\"}");
  REQUIRE(damaged);
  CHECK(says(*damaged, "the binary stackshot cannot be read"));
}

TEST_CASE("a corpse gives a crash, with the exit reason that is nested in it") {
  KcdataWriter reason(0x53a20900);
  reason.item(0x1001, le(1, 4) + le(7, 8) + le(0x2, 8)).item(0x1002, "over its limit");
  KcdataWriter out(0xdeadf157);
  out.item(0x805, le(4242, 4)).item(0x809, "MyDext").item(0x83b, "com.example.dext");
  out.item(0x80e, le(0x0b100001, 8) + le(0x10, 8)).item(0x81a, le(777, 8));
  out.item(0x38, reason.take());
  const auto report = read(out.take());
  REQUIRE(report);
  CHECK(validate(*report) == std::vector<std::string>{});
  CHECK(report->kind == ReportKind::crash);
  REQUIRE(report->crash);
  const Crash& crash = *report->crash;
  CHECK(crash.is_corpse);
  CHECK(crash.pid == ProcessId{4242});
  CHECK(crash.process == "MyDext");
  CHECK(crash.bundle_id == "com.example.dext");
  REQUIRE(crash.exception);
  CHECK(crash.exception->type == "EXC_BAD_ACCESS");
  CHECK(crash.exception->signal == "SIGSEGV");
  CHECK(crash.exception->codes == std::vector<std::uint64_t>{0x0b100001, 0x10});
  REQUIRE(crash.crashed_thread);
  CHECK(report->threads[crash.crashed_thread->value].id.value == 777);
  REQUIRE(crash.termination);
  CHECK(crash.termination->name_space == "JETSAM");
  CHECK(crash.termination->code == 7);
  CHECK(crash.termination->flags == 2);
  CHECK(crash.termination->indicator == "per-process-limit");
  CHECK(crash.termination->details == std::vector<std::string>{"over its limit"});
}

TEST_CASE("compressed kcdata that is damaged or says nothing is refused, not believed") {
  const auto described = [](std::string_view name, std::uint64_t value) {
    return name_field(std::string(name), 32) + le(value, 8);
  };
  KcdataWriter out(0x434f4d50);
  out.item(3, described("kcd_c_type", 1)).item(3, described("kcd_c_totalout", 100));
  CHECK_FALSE(read(out.take()));
  KcdataWriter other(0x434f4d50);
  other.item(3, described("kcd_c_totalout", ~std::uint64_t{0})).header(0x59a25807, 0, 0);
  CHECK_FALSE(read(other.take()));
}

TEST_CASE("more items than the limit are left out with a note") {
  KcdataWriter out(0x59a25807);
  for (int i = 0; i < 100; ++i) out.item(0x910, "1234");
  Limits limits;
  limits.kcdata_items = 10;
  const auto report = read(out.take(), limits);
  REQUIRE(report);
  CHECK(says(*report, "more than the limit of 10 (--limit-kcdata-items)"));
  CHECK(report->truncated);
}

}  // namespace panicscan
