#include "app/answers.h"

#include <string>

#include "catch.h"

using namespace panicscan;
using namespace panicscan::app;
using symbols::LookupReply;

TEST_CASE("an answer is its frames, a line for the name and one for the place") {
  LookupReply reply;
  const std::uint32_t slot = reply.strings.add("Ring::slot(unsigned int)"),
                      push = reply.strings.add("push"), file = reply.strings.add("/src/ring.h");
  reply.frames.resize(3);
  reply.frames[0] = {
      .function = slot, .file = file, .line = 14, .column = 7, .inlined = true, .start = {}};
  reply.frames[1] = {
      .function = push, .file = file, .line = 4294967295, .column = 4294967295, .start = {}};
  reply.frames[2] = {.function = push, .start = {}};
  reply.chain_end = {2, 2, 3};
  const Answers answers(reply, 2);
  CHECK(answers.of(0) ==
        "Ring::slot(unsigned int)\n/src/ring.h:14:7\npush\n/src/ring.h:4294967295:4294967295\n\n");
  CHECK(answers.of(1) == "??\n??:0:0\n\n");
  CHECK(answers.of(2) == "push\n??:0:0\n\n");
}

TEST_CASE("names from a symbol file cannot move the cursor") {
  LookupReply reply;
  const std::uint32_t bad = reply.strings.add("a\x1b[2Jb\n"),
                      good = reply.strings.add("gr\u00fc\u00df");
  reply.frames.resize(2);
  reply.frames[0] = {.function = bad, .file = good, .line = 1, .start = {}};
  reply.frames[1] = {.function = good, .file = bad, .line = 2, .start = {}};
  reply.chain_end = {1, 2};
  const Answers answers(reply, 1);
  CHECK(answers.of(0) == "a\\x1b[2Jb\\n\ngr\u00fc\u00df:1:0\n\n");
  CHECK(answers.of(1) == "gr\u00fc\u00df\na\\x1b[2Jb\\n:2:0\n\n");
}

TEST_CASE("any number of threads writes the same answers") {
  LookupReply reply;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const std::uint32_t name = reply.strings.add("f" + std::to_string(i));
    for (std::uint32_t k = 0; k < i % 4; ++k)
      reply.frames.push_back({.function = name, .line = i, .column = k, .start = {}});
    reply.chain_end.push_back(static_cast<std::uint32_t>(reply.frames.size()));
  }
  const Answers one(reply, 1), four(reply, 4);
  for (std::uint32_t i = 0; i < 5000; ++i) {
    std::string expected;
    for (std::uint32_t k = 0; k < i % 4; ++k)
      expected +=
          "f" + std::to_string(i) + "\n??:" + std::to_string(i) + ":" + std::to_string(k) + "\n";
    if (i % 4 == 0) expected = "??\n??:0:0\n";
    REQUIRE(one.of(i) == expected + "\n");
    REQUIRE(four.of(i) == expected + "\n");
  }
}
