#include "catch.h"
#include "rules/fixture.h"
#include "rules/problem.h"
#include "rules/rule.h"

namespace panicscan::rules {

using testing::LoadedRules;
using testing::rule_text;
using testing::RuleFolder;
using testing::RuleTexts;

namespace {
const std::string kPlain = R"("match": [{"message": "busy"}], "base": 50)";
}

TEST_CASE("an unknown key is an error when checking and a remark when scanning") {
  const RuleTexts texts{{"a/rule", kPlain + R"(, "evidense": [])"}};
  LoadedRules strict(texts);
  REQUIRE(strict.problems.size() == 1);
  CHECK(strict.problems[0].is_error);
  CHECK(strict.problems[0].help == "did you mean \"evidence\"?");
  CHECK(strict.set->rules().empty());
  LoadedRules scan(texts, testing::demo_hooks(), Reading::whole);
  REQUIRE(scan.problems.size() == 1);
  CHECK_FALSE(scan.problems[0].is_error);
  CHECK(scan.set->rules().size() == 1);
}

TEST_CASE("a rule of the same id replaces the earlier one, and that is said") {
  RuleFolder first, second;
  first.add("a/rule", rule_text("a/rule", kPlain + R"(, "title": "first")"));
  second.add("a/rule", rule_text("a/rule", kPlain + R"(, "title": "second")"));
  std::vector<RuleProblem> problems;
  const auto set =
      RuleSet::load({first.path(), second.path()}, false, testing::demo_hooks(), problems);
  REQUIRE(set);
  REQUIRE(set->rules().size() == 1);
  CHECK(set->find("a/rule")->title == "second");
  REQUIRE(problems.size() == 1);
  CHECK_FALSE(problems[0].is_error);
  CHECK(problems[0].message.starts_with("the rule a/rule replaces the one of "));
  CHECK(set->infos()[0].origin == second.path() + "/a/rule.json");
}

TEST_CASE("a directory that is not there cannot be read") {
  std::vector<RuleProblem> problems;
  const auto set = RuleSet::load({"/nonexistent/rules"}, false, testing::demo_hooks(), problems);
  REQUIRE_FALSE(set);
  CHECK(set.error().code == ErrorCode::unreadable);
}

TEST_CASE("a single file may be given; one broken rule does not cost the others") {
  RuleFolder folder;
  folder.add("a/good", rule_text("a/good", kPlain));
  folder.add("a/broken", "{\"panicscan_rule\": 1,");
  std::vector<RuleProblem> problems;
  const auto both = RuleSet::load({folder.path()}, false, testing::demo_hooks(), problems);
  REQUIRE(both);
  CHECK(both->rules().size() == 1);
  CHECK(problems.size() == 1);
  problems.clear();
  const auto one =
      RuleSet::load({folder.path() + "/a/good.json"}, false, testing::demo_hooks(), problems);
  REQUIRE(one);
  CHECK(problems.empty());
  CHECK(one->rules().size() == 1);
}

TEST_CASE("a rule is found by an earlier id") {
  LoadedRules rules(RuleTexts{{"a/rule", kPlain + R"(, "formerly": ["b/old"])"}});
  REQUIRE(rules.set->find("b/old") != nullptr);
  CHECK(rules.set->find("b/old")->id == "a/rule");
  CHECK(rules.set->find("b/none") == nullptr);
}

TEST_CASE("comments are allowed, text behind the object is not") {
  RuleFolder folder;
  folder.add("a/rule", "// first\n" + rule_text("a/rule", "/* x */ " + kPlain) + "\n// last\n");
  folder.add("a/tail", rule_text("a/tail", kPlain) + "\n{}\n");
  std::vector<RuleProblem> problems;
  const auto set = RuleSet::load({folder.path()}, false, testing::demo_hooks(), problems);
  REQUIRE(set);
  CHECK(set->rules().size() == 1);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].message == "there is more text behind the JSON object");
  CHECK(problems[0].line == 2);
}

TEST_CASE("the caret stands under the mistake, also behind escapes and in long lines") {
  LoadedRules rules(RuleTexts{
      {"a/rule", R"("base": 50, "match": [{"message": "say \"hello\" to {who:wrd} now"}])"}});
  REQUIRE(rules.problems.size() == 1);
  const RuleProblem& problem = rules.problems[0];
  CHECK(problem.source_line.substr(problem.column - 1).starts_with("{who:wrd}"));
  const std::string text = format(problem);
  const std::size_t caret = text.find('^');
  const std::size_t caret_line = text.rfind('\n', caret) + 1;
  const std::size_t shown_line = text.rfind('\n', caret_line - 2) + 1;
  CHECK(text.substr(shown_line + (caret - caret_line)).starts_with("{who:wrd}"));
}

TEST_CASE("the closest word is offered when it is close enough") {
  const std::vector<std::string> words{"evidence", "explain", "examples"};
  CHECK(closest("evidense", words) == "evidence");
  CHECK(closest("exmaples", words) == "examples");
  CHECK(closest("unrelated", words).empty());
  CHECK(did_you_mean("zzz", words, "try another") == "try another");
}

TEST_CASE("loading takes any bytes without falling over") {
  const std::string good = rule_text(
      "a/rule",
      kPlain + R"(, "evidence": [{"points": 3, "frame": {"function": "f*"}, "says": "x"}])");
  for (std::size_t cut = 0; cut < good.size(); cut += 3) {
    RuleFolder folder;
    std::string text = good.substr(0, cut);
    folder.add("a/cut", text);
    text = good;
    text[cut] = static_cast<char>(text[cut] ^ 0x15);
    folder.add("a/rule", text);
    std::vector<RuleProblem> problems;
    const auto set = RuleSet::load({folder.path()}, false, testing::demo_hooks(), problems);
    REQUIRE(set);
    for (const RuleProblem& problem : problems) CHECK_FALSE(format(problem).empty());
  }
}

}  // namespace panicscan::rules
