// Every folder of samples/joined is gathered, joined and examined, and compared with what stands
// beside it: NAME.expected.json and NAME.expected.txt.

#include "app/gathering.h"
#include "app/incident.h"
#include "app/support.h"
#include "catch.h"
#include "render/schema_check.h"

using namespace panicscan;
using namespace panicscan::testing;

namespace {

void compare(const fs::path& golden, const std::string& actual) {
  if (updating()) write_file(golden, actual);
  INFO(golden.string() << " differs; ./dev update rewrites it, git diff shows what changed");
  CHECK((actual == read_file(golden)));
}

/// The cases made of a folder, under paths that do not depend on where the project is.
std::vector<Case> cases_of(const fs::path& folder) {
  app::Gathering files{Limits{}};
  for (const app::Input& input : app::expand_inputs({folder.string()})) files.add(input);
  CHECK(files.errors().empty());
  std::vector<Case> cases;
  for (const app::Incident& incident : app::form_incidents(files.cards())) {
    std::vector<app::JoinedReport> joined;
    const auto open = [&](std::size_t card) {
      auto file = files.open(card);
      REQUIRE(file.has_value());
      file->source.path = fs::relative(file->source.path, PANICSCAN_ROOT).generic_string();
      return *std::move(file);
    };
    for (const app::JoinedFile& each : incident.companions)
      joined.push_back({open(each.card), each.because});
    cases.push_back(app::examine(open(incident.report), std::move(joined), built_in_rules()));
  }
  return cases;
}

}  // namespace

TEST_CASE("the files of an incident become one report, as its golden files say") {
  std::size_t folders = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(PANICSCAN_ROOT) / "samples/joined")) {
    if (!entry.is_directory()) continue;
    ++folders;
    INFO(entry.path().string());
    auto cases = cases_of(entry.path());
    REQUIRE(cases.size() == 1);
    Case& examined = cases.front();
    const auto files = std::distance(fs::directory_iterator(entry.path()), {});
    CHECK(static_cast<std::ptrdiff_t>(examined.companions.size()) + 1 == files);
    examined.rules_hash = "of the rules";  // else each edit of a rule would touch the golden files
    examined.rules.clear();
    render::Options options;
    options.threads = render::ThreadChoice::own;
    const auto schema = nlohmann::json::parse(render::report_schema());
    const std::string json = rendered(examined, "json", options);
    test::SchemaCheck check(schema);
    CHECK(check.complaints(nlohmann::json::parse(json)) == std::vector<std::string>{});
    compare(entry.path().string() + ".expected.json", json);
    compare(entry.path().string() + ".expected.txt", rendered(examined, "text"));
  }
  CHECK(folders == 2);
}

TEST_CASE("the order in which files are given changes nothing") {
  const fs::path folder = fs::path(PANICSCAN_ROOT) / "samples/joined/capture-card";
  auto paths = reports_below(folder);
  std::set<std::string> results;
  do {
    app::Gathering files{Limits{}};
    for (const fs::path& path : paths) files.add({path.string(), false});
    const auto incidents = app::form_incidents(files.cards());
    REQUIRE(incidents.size() == 1);
    std::vector<app::JoinedReport> joined;
    for (const app::JoinedFile& each : incidents.front().companions)
      joined.push_back({*files.open(each.card), each.because});
    const Case examined =
        app::examine(*files.open(incidents.front().report), std::move(joined), built_in_rules());
    results.insert(rendered(examined, "text"));
  } while (std::next_permutation(paths.begin(), paths.end()));
  CHECK(results.size() == 1);
}
