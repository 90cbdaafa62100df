#include "rules/pattern.h"

#include "catch.h"

namespace panicscan::rules {
namespace {

std::optional<PatternMatch> find(const std::string& pattern, std::string_view text,
                                 const Bindings& bound = {}) {
  const auto made = Pattern::line_template(pattern);
  REQUIRE(made);
  const auto matcher = made->with(bound);
  if (!matcher) return std::nullopt;
  return matcher->find_in(text, false, [](const PatternMatch&) { return true; });
}

bool name_fits(const std::string& pattern, std::string_view name) {
  const auto made = Pattern::name_pattern(pattern);
  REQUIRE(made);
  return made->with({})->fits(name).has_value();
}

std::string error_of(const std::string& pattern) {
  const auto made = Pattern::line_template(pattern);
  REQUIRE_FALSE(made);
  return made.error().message;
}

}  // namespace

TEST_CASE("a template fits the kernel's format string and captures with types and positions") {
  const auto match = find("at pc {pc:address}, lr {lr:address} (saved",
                          "first\nabort. at pc 0xfffffe0012345678, lr 0x10 (saved state: 1)");
  REQUIRE(match);
  CHECK(match->offset == 13);
  CHECK(match->length == 40);
  REQUIRE(match->captures.size() == 2);
  CHECK(match->captures[0].name == "pc");
  CHECK(match->captures[0].value == Value::address(0xfffffe0012345678));
  CHECK(match->captures[1].raw == "0x10");
}

TEST_CASE("everything outside holes is literal") {
  CHECK(find("a.b*c? (x|y) [z] \\d $5 }", "a.b*c? (x|y) [z] \\d $5 }"));
  CHECK_FALSE(find("a.c", "abc"));
  CHECK(find("{{{n:uint}}", "{12}"));
}

TEST_CASE("^ and $ stand for the ends of a line") {
  CHECK(find("^busy", "first\nbusy timeout"));
  CHECK_FALSE(find("^busy", "not busy"));
  CHECK(find("ms$", "after 20 ms\nmore"));
  CHECK(find("ms$", "after 20 ms\r\nmore"));
  CHECK_FALSE(find("ms$", "after 20 ms later"));
}

TEST_CASE("a hole does not reach over the end of its line") {
  CHECK_FALSE(find("a {x:text} b", "a 1\n2 b"));
  const auto match = find("a {x:line}", "a 1\n2");
  REQUIRE(match);
  CHECK(match->captures[0].raw == "1");
}

TEST_CASE("a template with a line break is looked for in the whole text") {
  CHECK(find("one\ntwo {n:uint}", "zero\none\ntwo 2\n"));
}

TEST_CASE("a name that is captured twice has to be equal both times") {
  CHECK(find("{a:word} -> {a:word}$", "x -> x"));
  CHECK_FALSE(find("{a:word} -> {a:word}$", "x -> y"));
  CHECK(find("{a:word} -> {a}$", "x -> x"));
  CHECK(find("{a:hex} {a:hex}$", "0x10 0x0010"));
}

TEST_CASE("a reference is what was captured before, taken literally") {
  Bindings bound;
  bound.add({{"svc", Value::text("a.b*"), "a.b*"}});
  CHECK(find("{svc}::stop", "a.b*::stop", bound));
  CHECK_FALSE(find("{svc}::stop", "axb::stop", bound));
  CHECK_FALSE(find("{other}::stop", "a::stop", bound));
}

TEST_CASE("mistakes in templates are told with their position") {
  CHECK(error_of("a {b") == "a hole is opened by '{' but not closed by '}'");
  CHECK(error_of("a {b:nope}") == "there is no capture type \"nope\"");
  CHECK(error_of("a {b:text}") == "a hole of type text at the end fits one character only");
  CHECK(error_of("{a:uint} {a:hex}") == "\"a\" is captured with two types");
  CHECK(error_of("") == "a template needs some text to look for");
  const auto made = Pattern::line_template("^ab {c-d:uint}");
  REQUIRE_FALSE(made);
  CHECK(made.error().where.offset == 4);
}

TEST_CASE("numbers that do not fit 64 bits stay text") {
  const auto match = find("v {v:hex}", "v 0x11112222333344445");
  REQUIRE(match);
  CHECK(match->captures[0].value == Value::text("0x11112222333344445"));
  CHECK(find("n {n:int}", "n -4")->captures[0].value == Value::text("-4"));
}

TEST_CASE("every capture type fits its own sample, and has no group") {
  for (const CaptureType& type : capture_types()) {
    CAPTURE(type.name);
    const auto match =
        find("<{x:" + std::string(type.name) + "}>$", "<" + std::string(type.sample) + ">");
    REQUIRE(match);
    REQUIRE(match->captures.size() == 1);
    CHECK(match->captures[0].raw == type.sample);
  }
}

TEST_CASE("a name pattern fits the whole name; * is any run of characters") {
  CHECK(name_fits("IOUserServer::rpc*", "IOUserServer::rpc(IORPC)"));
  CHECK(name_fits("*::Stop_Impl", "Example::Stop_Impl"));
  CHECK_FALSE(name_fits("Stop", "Stop_Impl"));
  CHECK_FALSE(name_fits("com.apple.*", "comXapple.x"));
  CHECK(name_fits("*", ""));
}

TEST_CASE("bytes that are no UTF-8 are characters like others") {
  const auto match = find("name '{n:text}' end", "name '\xff\xfe\xc3' end");
  REQUIRE(match);
  CHECK(match->captures[0].raw == "\xff\xfe\xc3");
}

TEST_CASE(
    "a regular expression captures its named groups; a group that took no part is not bound") {
  const auto made = Pattern::regex("^(?P<dir>Sleep|Wake) timed out(?: after (?P<s>[0-9]+))?",
                                   {{"s", find_capture_type("seconds")}});
  REQUIRE(made);
  REQUIRE(made->compile());
  const auto any = [](const PatternMatch&) { return true; };
  const auto with = made->with({})->find_in("Wake timed out after 30 s", false, any);
  REQUIRE(with);
  REQUIRE(with->captures.size() == 2);
  CHECK(with->captures[1].value == Value::of(ValueType::seconds, 30));
  const auto without = made->with({})->find_in("Sleep timed out", false, any);
  REQUIRE(without);
  CHECK(without->captures.size() == 1);
}

TEST_CASE("an expression that does not compile says so and never fits") {
  const auto made = Pattern::regex("a(b", {});
  REQUIRE(made);
  CHECK_FALSE(made->compile());
  CHECK_FALSE(made->with({})->find_in("a(b", false, [](const auto&) { return true; }));
  CHECK_FALSE(Pattern::regex("ab", {{"c", find_capture_type("uint")}}));
}

TEST_CASE("the first accepted line wins") {
  const auto made = Pattern::line_template("busy {n:uint}");
  REQUIRE(made);
  const auto match = made->with({})->find_in(
      "busy 1\nbusy 2\nbusy 3", false, [](const auto& m) { return m.captures[0].raw == "2"; });
  REQUIRE(match);
  CHECK(match->offset == 7);
  CHECK_FALSE(made->with({})->find_in("x\nbusy 1", true, [](const auto&) { return true; }));
}

}  // namespace panicscan::rules
