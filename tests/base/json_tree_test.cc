#include "base/json_tree.h"

#include <string>

#include "base/source_ref.h"
#include "catch.h"

using namespace panicscan;

namespace {

JsonTree parsed(std::string_view text, const JsonLimits& limits = {}) {
  auto tree = JsonTree::parse(text, 0, limits);
  REQUIRE(tree);
  return *std::move(tree);
}

/// What a value's bytes must be for its offset to be true.
void check_positions(JsonValue value, std::string_view text) {
  CHECK(text.substr(value.offset(), value.raw().size()) == value.raw());
  value.for_each([&](JsonValue child) {
    CHECK(child.offset() >= value.offset());
    CHECK(child.offset() + child.raw().size() <= value.offset() + value.raw().size());
    check_positions(child, text);
  });
}

}  // namespace

TEST_CASE("values keep their kind, their bytes and their order") {
  const std::string text = R"( {"b" : [1, -2, 3.5e2, true, false, null], "a" : {"x" : "y"} } )";
  const JsonTree tree = parsed(text);
  CHECK(tree.complete());
  CHECK(tree.damage().empty());
  CHECK(tree.end() == text.size() - 1);
  const JsonValue root = tree.root();
  check_positions(root, text);
  CHECK(root.size() == 2);
  CHECK(root.first().key() == "b");
  CHECK(root.first().next().key() == "a");
  CHECK_FALSE(root.first().next().next().exists());
  const JsonValue list = root["b"];
  CHECK(list.size() == 6);
  CHECK(list[0].as_unsigned() == 1);
  CHECK(list[1].as_signed() == -2);
  CHECK_FALSE(list[1].as_unsigned());
  CHECK(list[2].kind() == JsonKind::real);
  CHECK(list[2].as_double() == 350.0);
  CHECK(list[2].raw() == "3.5e2");
  CHECK(list[3].as_bool() == true);
  CHECK(list[4].as_bool() == false);
  CHECK(list[5].kind() == JsonKind::null);
  CHECK(list[5].raw() == "null");
  CHECK(root["a"]["x"].raw() == "\"y\"");
  CHECK(text.substr(root["a"].key_offset(), 3) == "\"a\"");
}

TEST_CASE("absent values answer with absent values") {
  const JsonTree tree = parsed(R"({"a": [1]})");
  CHECK_FALSE(tree.root()["no"]["such"][7].exists());
  CHECK(tree.root()["a"][1].kind() == JsonKind::absent);
  CHECK_FALSE(tree.root()["a"]["key of an array"].exists());
  CHECK_FALSE(JsonValue().as_string());
  CHECK(JsonValue().raw().empty());
  CHECK(JsonValue().as_document(0).text().empty());
  CHECK_FALSE(JsonValue().first().exists());
}

TEST_CASE("integers of 64 bits survive exactly") {
  const JsonTree tree = parsed(
      "[18446744073709551615, 11068046444225730969, 18446744073709551616, -9223372036854775808,"
      " 9007199254740993, 0, -0, 12345678901234567890123456789]");
  CHECK(tree.root()[0].as_unsigned() == 18446744073709551615ULL);
  CHECK(tree.root()[1].as_unsigned() == 11068046444225730969ULL);
  CHECK(tree.root()[2].kind() == JsonKind::real);  // does not fit, so it is no integer to us
  CHECK_FALSE(tree.root()[2].as_unsigned());
  CHECK(tree.root()[3].as_number_like() == 0x8000000000000000ULL);
  CHECK(tree.root()[4].as_unsigned() == 9007199254740993ULL);
  CHECK(tree.root()[5].as_unsigned() == 0);
  CHECK(tree.root()[6].as_signed() == 0);
  CHECK(tree.root()[7].raw() == "12345678901234567890123456789");
}

TEST_CASE("numbers in strings are read leniently when asked to") {
  const JsonTree tree = parsed(R"(["0x102", " 210 ", "-1", "12 apples", "", true, 7])");
  CHECK(tree.root()[0].as_number_like() == 0x102);
  CHECK(tree.root()[1].as_number_like() == 210);
  CHECK(tree.root()[2].as_number_like() == 0xffffffffffffffffULL);
  CHECK_FALSE(tree.root()[3].as_number_like());
  CHECK_FALSE(tree.root()[4].as_number_like());
  CHECK_FALSE(tree.root()[5].as_number_like());
  CHECK(tree.root()[6].as_number_like() == 7);
}

TEST_CASE("of duplicate keys the last one counts, and escaped keys are found") {
  const JsonTree tree = parsed(R"({"a": 1, "b": 2, "a": 3, "p\u0061th": 4})");
  CHECK(tree.root()["a"].as_unsigned() == 3);
  CHECK(tree.root()["path"].as_unsigned() == 4);
  CHECK(tree.root().size() == 4);
}

TEST_CASE("only one value is read, and end() tells where the next begins") {
  const std::string text = R"({"bug_type":"210"}{"panicString":"x"})";
  const JsonTree header = parsed(text);
  CHECK(header.end() == 18);
  const auto body = JsonTree::parse(text, header.end());
  REQUIRE(body);
  CHECK(body->root()["panicString"].as_string() == "x");
  CHECK(body->root()["panicString"].offset() == 33);
  CHECK(body->end() == text.size());
}

TEST_CASE("raw control characters and bytes that are no UTF-8 stay in strings") {
  const std::string text = "{\"a\": \"line\n\ttab \xff\xfe\", \"b\": 1}";
  const JsonTree tree = parsed(text);
  CHECK(tree.complete());
  CHECK(tree.root()["a"].as_string() == "line\n\ttab \xff\xfe");
  CHECK(tree.root()["b"].as_unsigned() == 1);
  REQUIRE(tree.damage().size() == 1);
  CHECK(tree.damage()[0].offset == 11);
  check_positions(tree.root(), text);
}

TEST_CASE("broken escapes stay text and do not end the reading") {
  const JsonTree tree = parsed(R"({"a": "\x \u12 \ud800 \ud83d\ude00 \u00e9 \/", "b": 1})");
  CHECK(tree.complete());
  CHECK(tree.root()["a"].as_string() == "\\x \\u12 \xEF\xBF\xBD \xF0\x9F\x98\x80 \xC3\xA9 /");
  CHECK(tree.root()["b"].as_unsigned() == 1);
}

TEST_CASE("trailing commas cost one damage each") {
  const JsonTree tree = parsed("{\"a\": [1, 2, ], \"b\": 3,\n}");
  CHECK(tree.complete());
  CHECK(tree.root()["a"].size() == 2);
  CHECK(tree.root()["b"].as_unsigned() == 3);
  CHECK(tree.damage().size() == 2);
}

TEST_CASE("comments are allowed only where they are asked for") {
  const std::string text = "// head\n{ /* \"no\": key */ \"a\": [1 /* , 2 */, 3, // last\n ] }";
  JsonLimits limits;
  limits.allow_comments = true;
  const JsonTree tree = parsed(text, limits);
  CHECK(tree.complete());
  CHECK(tree.root()["a"].size() == 2);
  CHECK(tree.root()["a"][1].as_unsigned() == 3);
  CHECK_FALSE(JsonTree::parse(text));
  CHECK(parsed(R"(["// no comment", "/* nor this */"])", limits).root()[0].as_string() ==
        "// no comment");
}

TEST_CASE("blanks part numbers") {
  const JsonTree tree = parsed("[1 2]");
  CHECK_FALSE(tree.complete());
  CHECK(tree.root()[0].as_unsigned() == 1);
  CHECK(tree.root().size() == 1);
}

TEST_CASE("a text that ends early keeps what was there") {
  const JsonTree tree = parsed(R"({"a": [1, {"b": "unfinished \"te)");
  CHECK_FALSE(tree.complete());
  CHECK(tree.truncated());
  CHECK(tree.root()["a"][1]["b"].as_string() == "unfinished \"te");
  REQUIRE(tree.damage().size() == 1);
  CHECK(tree.damage()[0].offset == 32);
  CHECK(tree.end() == 32);
}

TEST_CASE("a number that the end of the text cuts is not believed") {
  const JsonTree tree = parsed(R"({"pid": 12, "tid": 345)");
  CHECK(tree.truncated());
  CHECK(tree.root()["pid"].as_unsigned() == 12);
  CHECK(tree.root()["tid"].kind() == JsonKind::absent);
  CHECK(parsed("345").root().as_unsigned() == 345);
}

TEST_CASE("broken syntax ends the reading where it is, without claiming truncation") {
  const std::string text = R"({"a": 1, "b": {"c": 2 "d": 3}, "e": 4})";
  const JsonTree tree = parsed(text);
  CHECK_FALSE(tree.complete());
  CHECK_FALSE(tree.truncated());
  CHECK(tree.root()["a"].as_unsigned() == 1);
  CHECK(tree.root()["b"]["c"].as_unsigned() == 2);
  CHECK_FALSE(tree.root()["e"].exists());
  REQUIRE(tree.damage().size() == 1);
  CHECK(tree.damage()[0].offset == 22);
  CHECK_THAT(tree.damage()[0].what, Catch::Contains("unexpected"));
}

TEST_CASE("what is no JSON is an error") {
  for (const std::string_view text : {"", "   ", "panic(cpu 0", "]", ","}) {
    const auto tree = JsonTree::parse(text);
    REQUIRE_FALSE(tree);
    CHECK(tree.error().code == ErrorCode::malformed);
  }
  CHECK_FALSE(JsonTree::parse("[]", 10));
}

TEST_CASE("nesting and number of values are limited") {
  const auto deep = JsonTree::parse(std::string(10'000'000, '['));
  REQUIRE_FALSE(deep);
  CHECK(deep.error().code == ErrorCode::limit);
  JsonLimits limits;
  limits.nodes = 3;
  CHECK_FALSE(JsonTree::parse("[1, 2, 3]", 0, limits));
  CHECK(JsonTree::parse("[1, 2]", 0, limits));
  limits.depth = 2;
  CHECK(JsonTree::parse("[[1]]", 0, limits));
  CHECK_FALSE(JsonTree::parse("[[[1]]]", 0, limits));
}

TEST_CASE("damage at every value is counted once in a while, not a million times") {
  std::string text = "[";
  for (int i = 0; i < 10000; ++i) text += "\"\t\",";
  const JsonTree tree = parsed(text + "]");
  CHECK(tree.root().size() == 10000);
  CHECK(tree.damage().size() <= 101);
}

TEST_CASE("every beginning of a text can be read, and nothing lies outside of it") {
  const std::string text =
      "{\"header\": {\"n\": -1.5e3, \"s\": \"a\\u00e9\\n\\\"b\"}, \"list\": [[0, "
      "18446744073709551615],"
      " [], {}, true, null, \"\"],}";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string beginning = text.substr(0, size);
    const auto tree = JsonTree::parse(beginning);
    if (!tree) continue;
    CHECK(tree->complete() == (size == text.size()));
    CHECK(tree->truncated() == (size != text.size()));
    CHECK(tree->end() <= size);
    check_positions(tree->root(), beginning);
  }
}

TEST_CASE("a decoded string knows where each of its bytes came from") {
  const std::string text = R"({"p": "a\nb\u0041\\c"})";
  const JsonTree tree = parsed(text);
  const Document decoded = tree.root()["p"].as_document(0);
  REQUIRE(decoded.text() == "a\nbA\\c");
  CHECK(text[decoded.to_parent(0)] == 'a');
  CHECK(text.substr(decoded.to_parent(1), 2) == "\\n");
  CHECK(text[decoded.to_parent(2)] == 'b');
  CHECK(text.substr(decoded.to_parent(3), 6) == "\\u0041");
  CHECK(text.substr(decoded.to_parent(4), 2) == "\\\\");
  CHECK(text[decoded.to_parent(5)] == 'c');
}

TEST_CASE("a string whose closing quote is missing is decoded to its end") {
  CHECK(decode_json_string("\"open \\\"", 0, 0).text() == "open \"");
  CHECK(decode_json_string("\"", 0, 0).text().empty());
  CHECK(decode_json_string("\"\"", 0, 0).text().empty());
  CHECK(decode_json_string("\"ends with \\", 0, 0).text() == "ends with \\");
  CHECK(decode_json_string("", 0, 0).text().empty());
}
