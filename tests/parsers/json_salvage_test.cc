#include "parsers/json_salvage.h"

#include <memory>

#include "catch.h"

using namespace panicscan;
using namespace panicscan::parsers;

namespace {

std::string restored(std::string text) {
  ReportBuilder out(std::make_shared<const std::string>(std::move(text)));
  return std::string(out.text(restore_inner_quotes(0, 0, out)));
}

}  // namespace

TEST_CASE("the value of a member is found by its name alone") {
  const std::string text = R"j(junk "product" is "product" : "Mac1,1", "other":2)j";
  const auto at = find_member_value(text, 0, "product");
  REQUIRE(at);
  CHECK(text.substr(*at, 8) == "\"Mac1,1\"");
  CHECK(text.substr(*find_member_value(text, 0, "other"), 1) == "2");
  CHECK_FALSE(find_member_value(text, *at, "product"));
  CHECK_FALSE(find_member_value("\"product\"", 0, "product"));
  CHECK_FALSE(find_member_value("\"product\" :  ", 0, "product"));
}

TEST_CASE("quotes inside a text get back their backslashes, and the rest stays as it is") {
  CHECK(restored(R"j({"panicString" : "say "a" or "b", then go", "product" : "x"})j") ==
        R"j({"panicString" : "say \"a\" or \"b\", then go", "product" : "x"})j");
  CHECK(restored(R"j({"panicString":"ends "here" now"})j") ==
        R"j({"panicString":"ends \"here\" now"})j");
}

TEST_CASE("sound JSON is not touched, and no document is added") {
  const std::string sound = R"j({"panicString" : "say \"a\"", "otherString" : "", "n" : 1})j";
  ReportBuilder out(std::make_shared<const std::string>(sound));
  CHECK(restore_inner_quotes(0, 0, out) == 0);
  CHECK(out.report().documents.size() == 1);
  CHECK(out.report().notes.empty());
}

TEST_CASE("every byte of a restored text leads back to the original") {
  const std::string text = R"j({"panicString" : "a "b" c", "n" : 1})j";
  ReportBuilder out(std::make_shared<const std::string>(text));
  const std::uint32_t document = restore_inner_quotes(0, 0, out);
  REQUIRE(document == 1);
  const Document& made = out.report().documents[1];
  for (std::uint32_t i = 0; i < made.text().size(); ++i)
    if (made.text()[i] != '\\') CHECK(text[made.to_parent(i)] == made.text()[i]);
}

TEST_CASE("a text without an end is restored in linear time") {
  std::string text = R"j({"panicString" : "x)j";
  for (int i = 0; i < 200000; ++i) text += "\" y";
  CHECK(restored(text).size() == text.size() + 200000);
}
