#include "render/wrap.h"

#include "catch.h"
#include "render/paint.h"

namespace panicscan::render {

using Lines = std::vector<std::string>;

TEST_CASE("text is broken at blanks") {
  CHECK(wrap(say("one two three four"), 9) == Lines{"one two", "three", "four"});
  CHECK(wrap(say("short"), 80) == Lines{"short"});
  CHECK(wrap(say(""), 80) == Lines{""});
  CHECK(wrap(say("a  b"), 80) == Lines{"a  b"});
}

TEST_CASE("a word longer than the line is broken anywhere") {
  CHECK(wrap(say("0123456789abcdef"), 10) == Lines{"0123456789", "abcdef"});
  CHECK(wrap(say("ab 0123456789abcdef"), 10) == Lines{"ab", "0123456789", "abcdef"});
}

TEST_CASE("columns are counted, not bytes") {
  CHECK(columns(say("über → x")) == 8);
  CHECK(columns(say("日本")) == 4);
  CHECK(columns(say("e\xcc\x81")) == 1);
  CHECK(wrap(say("日本語日本語"), 8) == Lines{"日本語日", "本語"});
}

TEST_CASE("colour takes no columns, and each line closes and opens its own") {
  const Painter paint(true);
  const TerminalText text = say("an ") + paint(Role::bad, say("awful lot of red"));
  CHECK(columns(text) == 19);
  CHECK(wrap(text, 10) == Lines{"an \x1b[31mawful\x1b[0m", "\x1b[31mlot of red\x1b[0m"});
}

TEST_CASE("shortened text ends in an ellipsis and closes its colour") {
  CHECK(shorten(say("abcdef"), 6).view() == "abcdef");
  CHECK(shorten(say("abcdefg"), 6).view() == "abcde…");
  const Painter paint(true);
  CHECK(shorten(paint(Role::bad, say("abcdefg")), 3).view() == "\x1b[31mab…\x1b[0m");
}

TEST_CASE("without colour, painting changes nothing") {
  CHECK(Painter(false)(Role::bad, say("x")).view() == "x");
}

TEST_CASE("a line of megabytes is wrapped in linear time") {
  const auto lines = wrap(escape(std::string(2'000'000, 'x')), 100);
  CHECK(lines.size() == 20'000);
  CHECK(wrap(escape(std::string(2'000'000, ' ')), 100).size() == 1);
}

}  // namespace panicscan::render
