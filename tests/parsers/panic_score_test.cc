#include "catch.h"
#include "parsers/panic_text.h"
#include "tests/parsers/panic_reading.h"

namespace panicscan::parsers {
namespace {

TEST_CASE("a whole panic scores as beyond doubt, and so does one with junk before it") {
  CHECK(score_panic_text(kArmPanic) == 100);
  CHECK(score_panic_text(kIntelPanic) == 100);
  CHECK(score_panic_text("$ cat panic.txt\n" + kArmPanic) == 100);
  CHECK(score_panic_text(std::string(1'000'000, 'x') + "\n" + kArmPanic) == 100);
}

TEST_CASE("any part of a panic is worth reading") {
  for (const std::string* whole : {&kArmPanic, &kIntelPanic})
    for (std::size_t size = 60; size < whole->size(); size += 100)
      CHECK(score_panic_text(whole->substr(0, size)) >= 30);
  CHECK(score_panic_text(kArmPanic.substr(kArmPanic.find("Panicked task"))) >= 30);
  CHECK(score_panic_text("busy timeout[1], (60s): 'ExampleNub' (1,1812001) @IOService.cpp:5986") >=
        30);
}

TEST_CASE("other texts are no panic") {
  CHECK(score_panic_text("") == 0);
  CHECK(score_panic_text("Do not panic: everything is fine.") == 0);
  CHECK(score_panic_text(
            "Process: Example [123]\nThread 0 Crashed:\n0 libexample 0x1 start + 1\n") < 30);
  CHECK(score_panic_text("{\"bug_type\":\"309\",\"os_version\":\"macOS 15.5 (24F74)\"}") < 30);
}

}  // namespace
}  // namespace panicscan::parsers
