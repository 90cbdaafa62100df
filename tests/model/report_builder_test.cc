#include "model/report_builder.h"

#include "catch.h"
#include "model/validate.h"

using namespace panicscan;

namespace {

Process process(std::int64_t id) {
  Process made;
  made.id = {id};
  return made;
}

Thread thread(std::uint64_t id) {
  Thread made;
  made.id = {id};
  return made;
}

Frame frame(std::uint64_t address) {
  Frame made;
  made.address = {address};
  return made;
}

}  // namespace

TEST_CASE("threads belong to the process that was opened last") {
  ReportBuilder builder;
  builder.begin_process(process(1));
  builder.add_thread(thread(10));
  builder.add_thread(thread(11));
  builder.begin_process(process(2));
  builder.add_thread(thread(20));
  const Report report = std::move(builder).build();
  CHECK(report.processes[0].threads == IndexRange<Thread>{0, 2});
  CHECK(report.processes[1].threads == IndexRange<Thread>{2, 3});
  CHECK(report.threads[2].process == Index<Process>{1});
  CHECK(validate(report).empty());
}

TEST_CASE("a thread without a process opens a nameless one") {
  ReportBuilder builder;
  builder.add_thread(thread(5));
  const Report report = std::move(builder).build();
  REQUIRE(report.processes.size() == 1);
  CHECK(report.processes[0].name.empty());
  CHECK(validate(report).empty());
}

TEST_CASE("stacks get ranges that follow one another") {
  ReportBuilder builder;
  const auto first = builder.add_frames({frame(1), frame(2)});
  const auto none = builder.add_frames({});
  const auto second = builder.add_frames({frame(3)});
  CHECK(first == IndexRange<Frame>{0, 2});
  CHECK(none.empty());
  CHECK(second == IndexRange<Frame>{2, 3});
  CHECK(builder.report().frames[2].address == Address{3});
}

TEST_CASE("the first panic of several is the panic, the others follow in order") {
  ReportBuilder builder;
  builder.panic().reporter = "first";
  builder.begin_another_panic();
  builder.panic().reporter = "second";
  builder.begin_another_panic();
  builder.panic().reporter = "third";
  const Report report = std::move(builder).build();
  CHECK(report.kind == ReportKind::kernel_panic);
  REQUIRE(report.panic);
  CHECK(report.panic->reporter == "first");
  REQUIRE(report.further_panics.size() == 2);
  CHECK(report.further_panics[0].reporter == "second");
  CHECK(report.further_panics[1].reporter == "third");
}

TEST_CASE("notes beyond the limit are counted, not kept") {
  ReportBuilder builder;
  for (std::size_t i = 0; i < Limits{}.notes + 5; ++i) builder.note(NoteKind::unknown_line, "odd");
  const Report report = std::move(builder).build();
  CHECK(report.notes.size() == Limits{}.notes + 1);
  CHECK(report.notes.back().text ==
        "5 further notes are not shown: more than the limit of 1000 (--limit-notes)");
}

TEST_CASE("what goes beyond the limits is left out, and the report says so") {
  Limits limits;
  limits.processes = 2;
  limits.threads = 3;
  limits.stack_frames = 4;
  limits.frames = 10;
  limits.waits = 1;
  limits.images = 1;
  ReportBuilder builder(std::make_shared<const std::string>(), limits);
  for (std::int64_t pid = 0; pid < 4; ++pid) {
    Process process;
    process.id = {pid};
    builder.begin_process(std::move(process));
    for (std::uint64_t tid = 0; tid < 2; ++tid) {
      Thread thread;
      thread.id = {static_cast<std::uint64_t>(pid) * 2 + tid};
      thread.kernel_stack = builder.add_frames(std::vector<Frame>(6));
      builder.add_thread(std::move(thread));
    }
    builder.add_wait({});
  }
  REQUIRE(builder.has_room_for_image());
  builder.add_image({});
  CHECK_FALSE(builder.has_room_for_image());
  const Report report = std::move(builder).build();
  CHECK(validate(report) == std::vector<std::string>{});
  CHECK(report.processes.size() == 2);
  REQUIRE(report.threads.size() == 3);
  CHECK(report.threads[2].id.value == 2);
  CHECK(report.threads[2].process.value == 1);
  CHECK(report.frames.size() == 8);
  CHECK(report.waits.size() == 1);
  CHECK(report.truncated);
  std::vector<std::string> notes;
  for (const Note& note : report.notes) notes.push_back(note.text);
  CHECK(notes ==
        std::vector<std::string>{
            "2 further processes are left out: more than the limit of 2 (--limit-processes)",
            "5 further threads are left out: more than the limit of 3 (--limit-threads)",
            "8 stacks are cut to their innermost frames: more than the limit of 4 "
            "(--limit-stack-frames)",
            "24 further frames are left out: more than the limit of 10 (--limit-frames)",
            "1 further images are left out: more than the limit of 1 (--limit-images)",
            "3 further waits are left out: more than the limit of 1 (--limit-waits)"});
}

TEST_CASE("a note on truncation makes the report a truncated one") {
  ReportBuilder builder;
  builder.note(NoteKind::truncated, "ends early");
  CHECK(std::move(builder).build().truncated);
}

TEST_CASE("a place in an embedded text leads back to the file") {
  ReportBuilder builder(std::make_shared<const std::string>("..\"a\\nb\".."));
  DocumentBuilder inner(0);
  inner.copy("a", 3);
  inner.replace("\n", 4);
  inner.copy("b", 6);
  const std::uint32_t document = builder.add_document(std::move(inner).build());
  const Report report = std::move(builder).build();
  CHECK(bytes_at(report, {document, 2, 1}) == "b");
  CHECK(in_file(report, {document, 2, 1}) == SourceRef{0, 6, 1});
  CHECK(bytes_at(report, in_file(report, {document, 0, 3})) == "a\\nb");
  CHECK(bytes_at(report, {}).empty());
  CHECK(bytes_at(report, {9, 0, 1}).empty());
}
