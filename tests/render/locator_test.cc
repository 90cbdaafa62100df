#include "render/locator.h"

#include "base/json_tree.h"
#include "catch.h"
#include "model/report_builder.h"

namespace panicscan::render {

TEST_CASE("a place in a plain text is a line of the file") {
  ReportBuilder builder(std::make_shared<const std::string>("one\ntwo\nthree\n"));
  const Report report = std::move(builder).build();
  const Locator locator(report);
  CHECK(locator.say({0, 8, 3}).view() == "line 3");
  CHECK_FALSE(locator.embedded({0, 8, 3}));
  CHECK(locator.in_file({0, 9, 1})->column == 2);
  CHECK(locator.say({}).empty());
}

TEST_CASE("a place in a panic string of an .ips is a line of that string") {
  const std::string json = R"({"panicString": "panic(cpu 0): x\nOS version: 1\n"})";
  ReportBuilder builder(std::make_shared<const std::string>(json));
  const std::uint32_t quote = 16;
  const std::uint32_t text =
      builder.add_document(decode_json_string(std::string_view(json).substr(quote), 0, quote));
  builder.panic().where = {text, 0, 10};
  // The message without the head is a document of its own, cut out of the panic string.
  const std::uint32_t message = builder.add_document(Document("x", text, {{0, 14}}));
  const Report report = std::move(builder).build();
  const Locator locator(report);
  CHECK(locator.say({text, 16, 2}).view() == "panic text, line 2");
  CHECK(locator.say({message, 0, 1}).view() == "panic text, line 1");
  const auto inner = locator.embedded({message, 0, 1});
  REQUIRE(inner);
  CHECK(inner->document == text);
  CHECK(inner->position.column == 15);
  CHECK(locator.in_file({message, 0, 1})->offset == 31);
}

}  // namespace panicscan::render
