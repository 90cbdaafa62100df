// Every sample is examined and compared with what stands beside it: NAME.expected.json always,
// NAME.expected.txt where there is one. PANICSCAN_UPDATE=1 rewrites them; the diff is the review.

#include <set>

#include "app/support.h"
#include "catch.h"

using namespace panicscan;
using namespace panicscan::testing;

namespace {

/// Goldens are read by people: of a report larger than this only the threads that matter are kept.
constexpr std::size_t kLargeReport = 100'000;

void compare(const fs::path& golden, const std::string& actual) {
  if (updating()) write_file(golden, actual);
  INFO(golden.string() << " differs; ./dev update rewrites it, git diff shows what changed");
  const std::string expected = read_file(golden);
  if (actual == expected) {
    SUCCEED();
    return;
  }
  // The first differing line says more than two whole files.
  std::istringstream a(expected), b(actual);
  std::string x, y;
  int line = 1;
  while (std::getline(a, x) && std::getline(b, y) && x == y) ++line;
  FAIL_CHECK("line " << line << "\n  expected: " << x << "\n  actual:   " << y);
}

}  // namespace

TEST_CASE("every sample renders as its golden files say") {
  const auto all = samples();
  REQUIRE(all.size() >= 20);
  std::set<fs::path> stems;
  for (const fs::path& sample : all) {
    const std::string name = fs::relative(sample, PANICSCAN_ROOT).generic_string();
    DYNAMIC_SECTION(name) {
      const std::string text = read_file(sample);
      auto examined = examine_text(text, name);
      REQUIRE(examined.has_value());
      // Else each new or edited rule would touch every golden.
      examined->rules_hash = "of the rules";
      examined->rules.clear();
      render::Options options;
      if (text.size() > kLargeReport) options.threads = render::ThreadChoice::own;
      compare(fs::path(sample).replace_extension(".expected.json"),
              rendered(*examined, "json", options));
      const fs::path text_golden = fs::path(sample).replace_extension(".expected.txt");
      if (fs::exists(text_golden)) compare(text_golden, rendered(*examined, "text"));
    }
  }
}

TEST_CASE("no two samples share a golden file") {
  std::set<fs::path> stems;
  for (fs::path sample : samples()) CHECK(stems.insert(sample.replace_extension()).second);
}

TEST_CASE("the same input gives the same bytes") {
  for (const fs::path& sample : samples()) {
    const std::string text = read_file(sample);
    const auto once = examine_text(text), again = examine_text(text);
    REQUIRE(once.has_value());
    REQUIRE(again.has_value());
    CHECK(rendered(*once, "json") == rendered(*again, "json"));
    CHECK(rendered(*once, "text") == rendered(*again, "text"));
  }
}
