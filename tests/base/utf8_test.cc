#include "base/utf8.h"

#include "catch.h"

namespace panicscan {

TEST_CASE("well-formed sequences have their length") {
  CHECK(utf8_length("a") == 1);
  CHECK(utf8_length("ü") == 2);
  CHECK(utf8_length("→x") == 3);
  CHECK(utf8_length("🙂") == 4);
  CHECK(utf8_length(std::string_view("\0", 1)) == 1);
}

TEST_CASE("ill-formed sequences have none") {
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x99"})
    CHECK(utf8_length(bad) == 0);
  CHECK(utf8_length("") == 0);
}

TEST_CASE("every code point survives encoding and decoding") {
  for (std::uint32_t code = 0; code <= 0x10ffff; ++code) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    std::string text;
    utf8_append(text, code);
    const std::size_t length = utf8_length(text);
    if (length != text.size() || utf8_decode(text, length) != code) FAIL("code point " << code);
  }
  SUCCEED();
}

TEST_CASE("what is no code point becomes the replacement character") {
  for (const std::uint32_t code : {0xd800U, 0xdfffU, 0x110000U, 0xffffffffU}) {
    std::string text;
    utf8_append(text, code);
    CHECK(text == kUtf8Replacement);
  }
}

}  // namespace panicscan
