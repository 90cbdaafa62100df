#include "app/questions.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/text.h"
#include "catch.h"

using namespace panicscan;
using namespace panicscan::app;

namespace {

/// What each line asks for, by asking it again: "address", or the line itself in quotes.
std::string asked(const Questions& questions, const std::vector<FileAddress>& linked) {
  std::string all;
  auto other = questions.others.begin();
  for (const std::uint32_t place : questions.lines) {
    if (place == Questions::kNoAddress)
      all += "'" + *other++ + "' ";
    else
      all += hex(linked.at(place).value) + " ";
  }
  CHECK(other == questions.others.end());
  return all;
}

std::string asked(std::string_view input, std::uint64_t slide = 0, std::size_t piece = 1 << 20) {
  QuestionReader reader;
  for (std::size_t at = 0; at < input.size(); at += piece) reader.take(input.substr(at, piece));
  Questions questions = reader.finish();
  const auto linked = linked_addresses(questions, Slide{slide});
  CHECK(std::ranges::is_sorted(linked));
  CHECK(std::ranges::adjacent_find(linked) == linked.end());
  return asked(questions, linked);
}

}  // namespace

TEST_CASE("each line of addresses says where its own is, whatever stands around it") {
  CHECK(asked("") == "");
  CHECK(asked("0x20\n0x10\n0x20") == "0x20 0x10 0x20 ");
  CHECK(asked("  0xfffffe0012345678\t\r\nfffffe0012345678\r\n") ==
        "0xfffffe0012345678 0xfffffe0012345678 ");
  CHECK(asked("0x20\n\nno address\n0x20\nno address\n0x\n") ==
        "0x20 '' 'no address' 0x20 'no address' '0x' ");
  CHECK(asked("0x1ffffffffffffffff\n") == "'0x1ffffffffffffffff' ");
  CHECK(asked("0xfffffe0012345678 and more text than any address has\n") ==
        "'0xfffffe0012345678 and more text than any address has' ");
}

TEST_CASE("where the input is cut makes no difference") {
  const std::string input =
      "0xfffffe0012345678\n0x20\r\n\nno address\n0xfffffe0012345678\n\n0xfffffe0012345678";
  const std::string whole = asked(input);
  for (std::size_t piece = 1; piece <= input.size(); ++piece)
    CHECK(asked(input, 0, piece) == whole);
}

TEST_CASE("lines are told apart though they are alike") {
  // Lengths around those that are compared in words of eight characters.
  for (std::size_t digits = 1; digits <= 16; ++digits) {
    const std::string a(digits, '1'), b = a.substr(1) + "2", c = "2" + a.substr(1);
    INFO(digits);
    CHECK(asked(a + "\n" + b + "\n" + c + "\n0x" + a + "\n" + a + "\n") ==
          "0x" + a + " 0x" + b + " 0x" + c + " 0x" + a + " 0x" + a + " ");
  }
  CHECK(asked("0xfffffe00\n  0xfffffe00\n0xfffffe00  \n") == "0xfffffe00 0xfffffe00 0xfffffe00 ");
}

TEST_CASE("a slide is taken off, around zero if it must be") {
  CHECK(asked("0x5000\n0x6000\n0x5000\n", 0x1000) == "0x4000 0x5000 0x4000 ");
  CHECK(asked("0x5000\n0x6000\n0x5000\n", 0x5800) ==
        "0xfffffffffffff800 0x800 0xfffffffffffff800 ");
}

TEST_CASE("more lines than are remembered are all read") {
  std::string input, expected;
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t i = 0; i < 50'000; ++i) {
      const std::uint64_t address = 0xfffffe0000000000 + i * 0x9e3779b1 % 0x7fffffff;
      input += hex(address) + "\n";
      expected += hex(address) + " ";
    }
  }
  const std::string got = asked(input);
  CHECK((got == expected));
}
