#include "base/json_tree.h"
#include "catch.h"
#include "model/names.h"
#include "rules/fixture.h"
#include "rules/keys.h"

namespace panicscan::rules {

TEST_CASE("the README names every key, predicate, comparison and capture type") {
  const std::string readme = testing::read_file(PANICSCAN_ROOT "/rules/README.md");
  const auto named = [&](std::string_view name) {
    CAPTURE(name);
    CHECK((readme.find("`" + std::string(name) + "`") != std::string::npos ||
           readme.find("\"" + std::string(name) + "\"") != std::string::npos ||
           readme.find(" " + std::string(name) + " ") != std::string::npos));
  };
  for (const Key& key : rule_keys().keys) named(key.name);
  for (const PredicateKeys& row : predicate_keys()) {
    named(row.key.name);
    for (const Key& key : row.beside) named(key.name);
    if (row.key.table != nullptr)
      for (const Key& key : row.key.table->keys) named(key.name);
  }
  for (const Key& key : evidence_keys()) named(key.name);
  for (const Key& key : comparison_keys().keys) named(key.name);
}

TEST_CASE("the choices of the tables are the spellings of the model") {
  for (const PredicateKeys& row : predicate_keys()) {
    if (row.key.table == nullptr) continue;
    for (const Key& key : row.key.table->keys)
      for (const std::string_view choice : key.choices) {
        CAPTURE(choice);
        if (key.name == "kind") CHECK(image_kind_from(choice));
        if (key.name == "wait") CHECK(wait_kind_from(choice));
      }
  }
  for (const Key& key : rule_keys().keys)
    for (const std::string_view choice : key.choices) {
      CAPTURE(choice);
      if (key.name == "severity") CHECK(severity_from(choice));
      if (key.name == "applies_to") CHECK(report_kind_from(choice));
    }
}

TEST_CASE("the schema is JSON and knows every key") {
  const std::string text = schema(testing::demo_hooks());
  const auto tree = JsonTree::parse(text);
  REQUIRE(tree);
  CHECK(tree->damage().empty());
  const JsonValue root = tree->root();
  for (const Key& key : rule_keys().keys) {
    CAPTURE(key.name);
    CHECK(root["properties"][key.name].exists());
  }
  CHECK(root["additionalProperties"].as_bool() == false);
  CHECK(root["$defs"]["evidence"]["oneOf"].size() == predicate_keys().size());
  CHECK(root["$defs"]["where demo.fact"]["properties"]["status"].exists());
}

TEST_CASE("explain, list and catalogue say the same twice, and what matters") {
  testing::LoadedRules rules(
      testing::RuleTexts{{"a/rule", R"("match": [{"message": "busy {n:uint}"}, {"any": [
         {"fact": "demo.fact", "where": {"level": {"gt": 2}}}, {"kext": {"vendor": "third_party"}}]}],
         "base": 60, "evidence": [{"points": -5, "frame": {"function": "f", "top": 3}, "says": "f runs"}],
         "causes": [{"text": "because", "likelihood": "possible", "distinguish": "look", "fix": ["mend"]}],
         "supersedes": ["b/other"], "false_positives": ["twins"])"}});
  INFO(rules.problem_texts());
  REQUIRE(rules.set);
  const Rule* rule = rules.set->find("a/rule");
  REQUIRE(rule != nullptr);
  const std::string text = explain(*rule);
  for (const char* part :
       {"the panic message reads \"busy {n:uint}\"", "the fact demo.fact with level > 2",
        "a kext that is not Apple's is listed", "-5  f runs", "1. because (possible)",
        "tell it by: look", "- mend", "b/other", "twins", "then 60 points: likely"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text == explain(*rule));
  CHECK(list(*rules.set).find("a/rule  critical  experimental") == 0);
  const std::string catalogue = catalog(*rules.set, testing::demo_hooks());
  CHECK(catalogue == catalog(*rules.set, testing::demo_hooks()));
  CHECK(catalogue.find("### `demo.fact`") != std::string::npos);
  CHECK(catalogue.find("| -5 | f runs |") != std::string::npos);
}

}  // namespace panicscan::rules
