#include "base/json_writer.h"

#include <limits>
#include <string>

#include "catch.h"

namespace panicscan {

TEST_CASE("objects and arrays are indented by two blanks") {
  JsonWriter json;
  json.begin_object().member("a", 1).key("b").begin_array().value("x").value(true).null();
  json.end_array().key("c").begin_object().end_object().key("d").begin_array().end_array();
  json.end_object();
  CHECK(std::move(json).take() ==
        "{\n  \"a\": 1,\n  \"b\": [\n    \"x\",\n    true,\n    null\n  ],\n  \"c\": {},\n"
        "  \"d\": []\n}");
}

TEST_CASE("an inline value stays on one line, its surroundings do not") {
  JsonWriter json;
  json.begin_array();
  for (int i = 0; i < 2; ++i) {
    json.inline_begin().begin_object().member("i", i).key("l").begin_array().value(1).value(2);
    json.end_array().end_object().inline_end();
  }
  json.end_array();
  CHECK(std::move(json).take() ==
        "[\n  {\"i\": 0, \"l\": [1, 2]},\n  {\"i\": 1, \"l\": [1, 2]}\n]");
}

TEST_CASE("numbers are written exactly, up to 64 bits") {
  JsonWriter json;
  json.begin_array();
  json.value(std::numeric_limits<std::uint64_t>::max());
  json.value(std::numeric_limits<std::int64_t>::min()).value(std::uint32_t{7}).value(-7);
  json.hex(0).hex(0xfffffe0007004000);
  json.end_array();
  CHECK(std::move(json).take() ==
        "[\n  18446744073709551615,\n  -9223372036854775808,\n  7,\n  -7,\n  \"0x0\",\n"
        "  \"0xfffffe0007004000\"\n]");
}

TEST_CASE("strings are escaped, and bytes that are no UTF-8 replaced") {
  const auto written = [](std::string_view text) {
    JsonWriter json;
    json.value(text);
    return std::move(json).take();
  };
  CHECK(written("a\"b\\c\nd\te\rf\x01\x7f") == R"("a\"b\\c\nd\te\u000df\u0001\u007f")");
  CHECK(written("ü→") == "\"ü→\"");
  CHECK(written("a\xff"
                "b") ==
        "\"a\xEF\xBF\xBD"
        "b\"");
  CHECK(written("\xe2\x82") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  CHECK(written("") == "\"\"");
}

TEST_CASE("wherever in a long string a byte is to be escaped, it is") {
  for (int byte = 0; byte < 0x80; ++byte)
    for (std::size_t at = 0; at < 20; ++at) {
      const auto text = [&](std::string_view middle) {
        return std::string(at, ' ') + std::string(middle) + std::string(19 - at, '~');
      };
      const char c = static_cast<char>(byte);
      JsonWriter alone, within;
      alone.value(std::string_view(&c, 1));
      within.value(text({&c, 1}));
      const std::string escaped = std::move(alone).take();
      const auto inner = std::string_view(escaped).substr(1, escaped.size() - 2);
      CHECK(std::move(within).take() == '"' + text(inner) + '"');
    }
}

TEST_CASE("keys are escaped like strings") {
  JsonWriter json;
  json.begin_object().member("a\"\n", "x").end_object();
  CHECK(std::move(json).take() == "{\n  \"a\\\"\\n\": \"x\"\n}");
}

}  // namespace panicscan
