#include <cstdlib>

#include "catch.h"
#include "rules/fixture.h"

namespace panicscan::rules {
namespace {

namespace fs = std::filesystem;

/// All that loading and checking say about one file, which is moved to where its id belongs.
std::string problems_of(const fs::path& file) {
  testing::RuleFolder folder;
  folder.add("bad/" + file.stem().string(), testing::read_file(file.string()));
  std::vector<RuleProblem> problems;
  const Hooks hooks = testing::real_hooks();
  const auto set = RuleSet::load({folder.path()}, false, hooks, problems, Reading::strict);
  if (!set) return set.error().message;
  const CheckResult result = check(*set, hooks);
  problems.insert(problems.end(), result.problems.begin(), result.problems.end());
  std::string text;
  for (RuleProblem problem : problems) {
    problem.file = fs::path(problem.file).lexically_relative(folder.path()).generic_string();
    for (std::string* part : {&problem.message, &problem.help})
      if (const auto at = part->find(folder.path()); at != std::string::npos)
        part->erase(at, folder.path().size() + 1);
    text += format(problem);
  }
  return text;
}

}  // namespace

TEST_CASE("every bad rule is answered with its expected message") {
  const bool update = std::getenv("PANICSCAN_UPDATE") != nullptr;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(PANICSCAN_ROOT "/tests/bad_rules")) {
    if (entry.path().extension() != ".json") continue;
    ++count;
    CAPTURE(entry.path().filename().string());
    const std::string golden = fs::path(entry.path()).replace_extension(".expected.txt").string();
    const std::string actual = problems_of(entry.path());
    CHECK_FALSE(actual.empty());
    if (update) std::ofstream(golden) << actual;
    CHECK(actual == testing::read_file(golden));
  }
  CHECK(count >= 40);
}

}  // namespace panicscan::rules
