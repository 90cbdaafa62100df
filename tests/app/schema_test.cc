// What `-o json` writes for every sample, and for every report of the corpus when there is one, is
// valid by the schema that `panicscan schema report` prints.

#include <iostream>

#include "app/support.h"
#include "catch.h"
#include "render/schema_check.h"

using namespace panicscan;
using namespace panicscan::testing;

namespace {

void check_against_schema(const std::vector<fs::path>& reports) {
  const auto schema = nlohmann::json::parse(render::report_schema());
  for (const fs::path& path : reports) {
    INFO(path.filename().string());
    const auto examined = examine_text(read_file(path), path.filename().string());
    REQUIRE(examined.has_value());
    test::SchemaCheck check(schema);
    CHECK(check.complaints(nlohmann::json::parse(rendered(*examined, "json"))) ==
          std::vector<std::string>{});
  }
}

}  // namespace

TEST_CASE("the JSON of every sample is valid by the published schema") {
  check_against_schema(samples());
}

TEST_CASE("the JSON of every corpus report is valid by the published schema") {
  const char* corpus = std::getenv("PANICSCAN_CORPUS");
  if (corpus == nullptr) {
    std::cout << "SKIPPED corpus schema check: PANICSCAN_CORPUS is not set\n";
    return;
  }
  check_against_schema(reports_below(fs::path(corpus) / "panics"));
  for (const fs::path& path : reports_below(fs::path(corpus) / "crashes"))
    if (examine_text(read_file(path)).has_value()) check_against_schema({path});
}
