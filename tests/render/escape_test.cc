#include "render/escape.h"

#include <type_traits>

#include "catch.h"
#include "render/render.h"

namespace panicscan::render {

namespace {
std::string escaped(std::string_view text) { return std::string(escape(text).view()); }
}  // namespace

TEST_CASE("a plain string does not convert to text for a terminal") {
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string, TerminalText>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<const char*, TerminalText>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<TerminalText, std::string>);
}

TEST_CASE("ordinary text stays as it is, markup and other scripts included") {
  CHECK(escaped("<b>&amp;</b> \"x\" \\n 100%").compare("<b>&amp;</b> \"x\" \\n 100%") == 0);
  CHECK(escaped("Überlauf → 日本語 🙂") == "Überlauf → 日本語 🙂");
  CHECK(escaped("") == "");
}

TEST_CASE("control characters become visible") {
  CHECK(escaped("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(escaped(std::string_view("\0", 1)) == "\\x00");
  CHECK(escaped("\x1b[31m") == "\\x1b[31m");
  CHECK(escaped("\x7f") == "\\x7f");
}

TEST_CASE("C1 controls, bidirectional controls and line separators become visible") {
  CHECK(escaped("\xc2\x9b") == "\\u009b");
  CHECK(escaped("\xc2\x80") == "\\u0080");
  for (const char* bidi : {"\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9",
                           "\xe2\x80\x8f", "\xe2\x80\xa8", "\xef\xbb\xbf"})
    CHECK(escaped(bidi).starts_with("\\u"));
  CHECK(escaped("\xc2\xa0") == "\xc2\xa0");  // a no-break space is only a space
}

TEST_CASE("bytes that are no UTF-8 become visible") {
  CHECK(escaped("\xff") == "\\xff");
  CHECK(escaped("\x9b") == "\\x9b");           // a raw C1 byte
  CHECK(escaped("\xc0\x80") == "\\xc0\\x80");  // overlong
  CHECK(escaped("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(escaped("ab\xe2\x82") == "ab\\xe2\\x82");  // cut off
}

TEST_CASE("say() escapes its arguments and leaves safe text alone") {
  CHECK(say("{} is {}", "a\x1b", 7).view() == "a\\x1b is 7");
  CHECK(say("[{}]", say("x")).view() == "[x]");
  CHECK(say("{}", std::string("tab\t")).view() == "tab\\t");
}

TEST_CASE("messages of other layers can be made safe as well") {
  CHECK(printable("a\x1b[0m") == "a\\x1b[0m");
}

}  // namespace panicscan::render
