#include "base/document.h"

#include <memory>
#include <string>

#include "catch.h"

using namespace panicscan;

TEST_CASE("a document that is the file has no parent and maps to itself") {
  const Document file(std::make_shared<const std::string>("abc"));
  CHECK_FALSE(file.has_parent());
  CHECK(file.text() == "abc");
  CHECK(file.to_parent(2) == 2);
}

TEST_CASE("copied bytes map one by one, replaced bytes to what they stand for") {
  // The parent holds  x\ny&amp;z  at offset 5.
  DocumentBuilder builder(0);
  builder.copy("x", 5);
  builder.replace("\n", 6);
  builder.copy("y", 8);
  builder.replace("&", 9);
  builder.copy("z", 14);
  CHECK(builder.size() == 5);
  const Document document = std::move(builder).build();
  CHECK(document.text() == "x\ny&z");
  CHECK(document.parent() == 0);
  CHECK(document.to_parent(0) == 5);
  CHECK(document.to_parent(1) == 6);
  CHECK(document.to_parent(2) == 8);
  CHECK(document.to_parent(3) == 9);
  CHECK(document.to_parent(4) == 14);
  CHECK(document.to_parent(5) == 15);  // the end maps to the end
}

TEST_CASE("a replacement of several bytes points at one place") {
  DocumentBuilder builder(3);
  builder.replace("->", 7);
  builder.copy("ab", 10);
  const Document document = std::move(builder).build();
  CHECK(document.to_parent(0) == 7);
  CHECK(document.to_parent(1) == 7);
  CHECK(document.to_parent(2) == 10);
  CHECK(document.to_parent(3) == 11);
}

TEST_CASE("an empty document is no trouble") {
  const Document document = std::move(DocumentBuilder(0)).build();
  CHECK(document.text().empty());
  CHECK(document.to_parent(0) == 0);
}

TEST_CASE("offsets become lines and columns that count from one") {
  const LineIndex index("ab\ncd\r\n\nx");
  CHECK(index.at(0).line == 1);
  CHECK(index.at(1).column == 2);
  CHECK(index.at(2).line == 1);  // the line end belongs to its line
  CHECK(index.at(3).line == 2);
  CHECK(index.at(3).column == 1);
  CHECK(index.at(7).line == 3);
  CHECK(index.at(8).line == 4);
  CHECK(index.at(9).column == 2);
  CHECK(LineIndex("").at(0).line == 1);
}
