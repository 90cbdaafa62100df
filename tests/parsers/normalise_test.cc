#include "parsers/normalise.h"

#include "catch.h"
#include "model/validate.h"
#include "tests/parsers/panic_reading.h"

namespace panicscan::parsers {
namespace {

struct Normalised {
  std::string text;
  std::size_t documents = 0;
  std::size_t notes = 0;
};

Normalised normalised(std::string bytes) {
  ReportBuilder builder(std::make_shared<const std::string>(std::move(bytes)));
  const auto document = normalise(0, builder);
  Normalised result{std::string(builder.text(document)), 0, 0};
  const Report report = std::move(builder).build();
  result.documents = report.documents.size();
  result.notes = report.notes.size();
  CHECK(validate(report).empty());
  return result;
}

TEST_CASE("a clean text is not copied") {
  const Normalised result = normalised("panic\nwith umlauts: \xC3\xA4 and \xE2\x82\xAC\n");
  CHECK(result.documents == 1);
  CHECK(result.notes == 0);
}

TEST_CASE("line ends of every system become LF") {
  CHECK(normalised("a\r\nb\rc\nd\r").text == "a\nb\nc\nd\n");
}

TEST_CASE("a byte-order mark and invisible characters go, odd blanks become blanks") {
  CHECK(normalised("\xEF\xBB\xBFpanic\xC2\xA0(\xE2\x80\x8B)\xE2\x80\xAF!").text == "panic ()\x20!");
}

TEST_CASE("NUL padding at the end is cut, NULs inside become blanks and are noted as damage") {
  const Normalised padded = normalised(std::string("panic\0\0\0", 8));
  CHECK(padded.text == "panic");
  CHECK(padded.notes == 1);
  const Normalised inside = normalised(std::string("pa\0nic", 6));
  CHECK(inside.text == "pa nic");
  CHECK(inside.notes == 1);
  CHECK(normalised(std::string(3, '\0')).text.empty());
}

TEST_CASE("UTF-16 of both byte orders becomes UTF-8") {
  using namespace std::string_literals;
  CHECK(normalised("\xFF\xFEp\0a\0\xAC\x20"s).text == "pa\xE2\x82\xAC");
  CHECK(normalised("\xFE\xFF\0p\0a\x20\xAC"s).text == "pa\xE2\x82\xAC");
  CHECK(normalised("\xFF\xFE\x3D\xD8\x00\xDE"s).text == "\xF0\x9F\x98\x80");
  CHECK(normalised("\xFF\xFE\x3D"s).text.empty());
  CHECK(normalised("\xFF\xFE"s).text.empty());
}

TEST_CASE("evidence in a normalised text points at the file's own bytes") {
  const Report report = read_pasted_panic("\xEF\xBB\xBF\r\n" + std::string(kArmPanic));
  const SourceRef where = in_file(report, report.panic->caller->where);
  CHECK(where.document == 0);
  CHECK(report.documents[0].text().substr(where.offset, 18) == "0xfffffe00240b1238");
}

}  // namespace
}  // namespace panicscan::parsers
