#include "model/validate.h"

#include <functional>

#include "catch.h"
#include "model/report_builder.h"

using namespace panicscan;

namespace {

/// A small report in which everything holds.
Report sound_report() {
  ReportBuilder builder(std::make_shared<const std::string>("0123456789"));
  Image example;
  example.where = {0, 0, 4};
  Frame frame;
  frame.image = builder.add_image(example);
  Thread thread;
  thread.kernel_stack = builder.add_frames({frame});
  thread.where = {0, 2, 3};
  builder.begin_process({});
  builder.add_thread(thread);
  builder.panic().backtraces.emplace_back().frames = builder.add_frames({Frame{}});
  builder.panic().kexts.emplace_back().image = frame.image;
  builder.add_field("name", "value", {0, 9, 1});
  WaitEdge wait;
  wait.waiter = {999};
  builder.add_wait(wait);
  return std::move(builder).build();
}

struct Break {
  const char* what;
  std::function<void(Report&)> damage;
};

}  // namespace

TEST_CASE("a sound report has no broken invariants, even when a waiter is no thread of it") {
  CHECK(validate(sound_report()).empty());
  CHECK(validate(ReportBuilder().build()).empty());
}

TEST_CASE("each broken invariant is named") {
  const std::vector<Break> breaks{
      {"frame image", [](Report& r) { r.frames[0].image = Index<Image>{1}; }},
      {"kext image", [](Report& r) { r.panic->kexts[0].image = Index<Image>{5}; }},
      {"stack outside", [](Report& r) { r.threads[0].user_stack = {1, 9}; }},
      {"stack reversed", [](Report& r) { r.threads[0].user_stack = {1, 0}; }},
      {"stacks overlap", [](Report& r) { r.threads[0].user_stack = {0, 1}; }},
      {"trace overlaps stack", [](Report& r) { r.panic->backtraces[0].frames = {0, 2}; }},
      {"thread's process", [](Report& r) { r.threads[0].process = {3}; }},
      {"process's threads", [](Report& r) { r.processes[0].threads = {0, 0}; }},
      {"process's threads outside", [](Report& r) { r.processes[0].threads = {0, 4}; }},
      {"ref behind the end", [](Report& r) { r.fields[0].where = {0, 9, 2}; }},
      {"ref that overflows", [](Report& r) { r.fields[0].where = {0, 9, 0xffffffff}; }},
      {"ref into nowhere", [](Report& r) { r.notes.push_back({{}, "x", {4, 0, 0}}); }},
      {"machine ref", [](Report& r) { r.machine.os = {"x", {0, 11, 0}}; }},
      {"document parent",
       [](Report& r) { r.documents.emplace_back("x", 1, std::vector<Document::Run>{}); }},
      {"document map",
       [](Report& r) { r.documents.emplace_back("x", 0, std::vector<Document::Run>{{0, 10}}); }},
      {"no file", [](Report& r) { r.documents.clear(); }},
      {"no panic", [](Report& r) { r.panic.reset(); }},
  };
  for (const Break& b : breaks) {
    Report report = sound_report();
    b.damage(report);
    INFO(b.what);
    CHECK_FALSE(validate(report).empty());
  }
}

TEST_CASE("a report in which everything is broken gives a bounded list") {
  Report report = sound_report();
  for (int i = 0; i < 100000; ++i) report.waits.emplace_back().where = {7, 0, 0};
  const auto broken = validate(report);
  CHECK(broken.size() == 100);
}
