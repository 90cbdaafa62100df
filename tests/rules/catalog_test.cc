#include <cstdlib>

#include "catch.h"
#include "rules/builtin.h"
#include "rules/fixture.h"
#include "rules/rule.h"

namespace panicscan::rules {
namespace {

namespace fs = std::filesystem;

RuleSet builtin_rules(const Hooks& hooks, Reading reading = Reading::strict) {
  std::vector<RuleProblem> problems;
  auto set = RuleSet::load({}, true, hooks, problems, reading);
  REQUIRE(set);
  for (const RuleProblem& problem : problems) FAIL_CHECK(format(problem));
  return *std::move(set);
}

}  // namespace

TEST_CASE("the built-in rules pass every check") {
  const Hooks hooks = testing::real_hooks();
  const CheckResult result = check(builtin_rules(hooks), hooks);
  for (const RuleProblem& problem : result.problems) FAIL_CHECK(format(problem));
  CHECK(result.rules > 0);
}

TEST_CASE("rules fire on each other's examples only where crossfire.txt expects it") {
  const Hooks hooks = testing::real_hooks();
  std::string actual;
  for (const std::string& line : check(builtin_rules(hooks), hooks).crossfire)
    actual += line + "\n";
  const std::string golden = PANICSCAN_ROOT "/tests/rules/crossfire.txt";
  if (std::getenv("PANICSCAN_UPDATE") != nullptr) std::ofstream(golden) << actual;
  CHECK(actual == testing::read_file(golden));
}

TEST_CASE("every file of the catalogue is built in") {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(PANICSCAN_ROOT "/rules/catalog")) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    const std::string name =
        entry.path().lexically_relative(PANICSCAN_ROOT "/rules/catalog").generic_string();
    CAPTURE(name);
    bool found = false;
    for (const BuiltinFile& file : builtin_files())
      found =
          found || (file.path == name && file.text == testing::read_file(entry.path().string()));
    CHECK(found);
  }
  CHECK(builtin_files().size() == files);
}

TEST_CASE("quick reading leaves out the examples of the built-in rules and nothing else") {
  const Hooks hooks = testing::real_hooks();
  const RuleSet whole = builtin_rules(hooks);
  const RuleSet quick = builtin_rules(hooks, Reading::quick);
  CHECK(quick.hash() == whole.hash());
  REQUIRE(quick.rules().size() == whole.rules().size());
  const auto sizes = [](const Rule& rule) {
    return std::vector<std::size_t>{rule.match.size(),      rule.evidence.size(),
                                    rule.explain.size(),    rule.causes.size(),
                                    rule.fix.size(),        rule.variants.size(),
                                    rule.formerly.size(),   rule.references.size(),
                                    rule.supersedes.size(), rule.false_positives.size()};
  };
  for (std::size_t i = 0; i < whole.rules().size(); ++i) {
    const Rule& rule = *whole.rules()[i];
    CAPTURE(rule.id);
    CHECK(quick.rules()[i]->id == rule.id);
    CHECK(quick.rules()[i]->base == rule.base);
    CHECK(sizes(*quick.rules()[i]) == sizes(rule));
    CHECK_FALSE(rule.examples.empty());
    CHECK(quick.rules()[i]->examples.empty());
  }
}

TEST_CASE("two loads of the same rules have the same hash, another rule changes it") {
  const Hooks hooks = testing::real_hooks();
  std::vector<RuleProblem> problems;
  const auto none = RuleSet::load({}, false, hooks, problems);
  REQUIRE(none);
  CHECK(builtin_rules(hooks).hash() == builtin_rules(hooks).hash());
  CHECK(builtin_rules(hooks).hash() != none->hash());
  CHECK(none->hash().size() == 64);
}

}  // namespace panicscan::rules
