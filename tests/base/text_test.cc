#include "base/text.h"

#include <string>

#include "catch.h"

namespace panicscan {

TEST_CASE("hexadecimal digits are read in either case, up to 64 bits") {
  std::string_view text = "fFfe0007004000/rest";
  CHECK(consume_hex_digits(text) == 0xfffe0007004000);
  CHECK(text == "/rest");
  CHECK(parse_hex("0xFFFFFFFFFFFFFFFF") == 0xffffffffffffffff);
  CHECK(parse_hex("0x0000000000000000000000001") == 1);
  for (const std::string_view wrong : {"", "0x", "g", "0x1g", "0x10000000000000000", "-1", " 1"}) {
    INFO(wrong);
    CHECK_FALSE(parse_hex(wrong).has_value());
  }
}

TEST_CASE("a number that does not fit leaves the text as it was") {
  std::string_view text = "0x10000000000000000 and more";
  CHECK_FALSE(consume_hex(text).has_value());
  CHECK(text == "0x10000000000000000 and more");
  std::string_view decimal = "18446744073709551616";
  CHECK_FALSE(consume_decimal(decimal).has_value());
  CHECK(decimal == "18446744073709551616");
}

}  // namespace panicscan
