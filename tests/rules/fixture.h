#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "model/report_builder.h"
#include "parsers/format.h"
#include "rules/rules.h"

namespace panicscan::rules::testing {

/// The functions a real run gives to the rules.
inline Hooks real_hooks() {
  Hooks hooks;
  hooks.schemas = analysis::schemas();
  hooks.analyze = [](const Report& report, std::span<const Placement> placements,
                     const Symbols& symbols, std::span<const Companion> companions) {
    return analysis::analyze(report, placements, symbols, companions);
  };
  hooks.parse_wait = [](std::string_view line) { return parsers::parse_wait_line(line, {}); };
  hooks.parse_report = [](std::string_view text) {
    return parsers::parse(source_from_text("example", std::string(text)));
  };
  hooks.read_sample = [](std::string_view path) -> Expected<std::string> {
    const auto source = read_source(PANICSCAN_ROOT "/samples/" + std::string(path));
    if (!source) return source.error();
    return *source->bytes;
  };
  return hooks;
}

// A small world of facts of its own, so that these tests do not change with the analyses.
inline constexpr FactField kDemoFields[] = {
    {"name", ValueType::text, "a name"},        {"level", ValueType::number, "a number"},
    {"status", ValueType::hex, "a word"},       {"waited", ValueType::seconds, "a time"},
    {"names", ValueType::list, "several"},      {"held", ValueType::boolean, "yes or no"},
    {"vendor", ValueType::text, "whose it is"},
};
inline constexpr FactSchema kDemoFact{"demo.fact", "a fact of the tests", kDemoFields};
inline constexpr const FactSchema* kDemoSchemas[] = {&kDemoFact};

inline Hooks demo_hooks() {
  Hooks hooks;
  hooks.schemas = kDemoSchemas;
  return hooks;
}

/// A directory of rule files that goes away with the test.
class RuleFolder {
 public:
  RuleFolder() {
    char name[] = "/tmp/panicscan-rules-XXXXXX";
    root_ = mkdtemp(name);
  }
  ~RuleFolder() { std::filesystem::remove_all(root_); }
  RuleFolder(const RuleFolder&) = delete;
  RuleFolder& operator=(const RuleFolder&) = delete;

  /// Writes "area/name.json".
  void add(const std::string& id, const std::string& text) const {
    const std::filesystem::path path = root_ / (id + ".json");
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::string path() const { return root_.string(); }

 private:
  std::filesystem::path root_;
};

/// A rule file of which only `members` ("\"match\": […], …") is of interest.
inline std::string rule_text(const std::string& id, const std::string& members) {
  std::string text = "{\"panicscan_rule\": 1, \"id\": \"" + id + "\", " + members;
  const auto add = [&](const char* key, const std::string& value) {
    if (members.find("\"" + std::string(key) + "\":") == std::string::npos)
      text += std::string(", \"") + key + "\": " + value;
  };
  add("title", "\"title of " + id + "\"");
  add("severity", "\"critical\"");
  add("explain", "[\"it happened\"]");
  add("fix", "[\"change it\"]");
  add("references", "[\"a book\"]");
  add("examples", "{\"match\": [], \"no_match\": []}");
  return text + "}";
}

/// Rules by id, each with its members.
using RuleTexts = std::vector<std::pair<std::string, std::string>>;

/// Rules from texts; the tests fail on any problem.
struct LoadedRules {
  RuleFolder folder;
  std::vector<RuleProblem> problems;
  std::optional<RuleSet> set;

  explicit LoadedRules(const RuleTexts& rules, const Hooks& hooks = demo_hooks(),
                       Reading reading = Reading::strict) {
    for (const auto& [id, members] : rules) folder.add(id, rule_text(id, members));
    auto loaded = RuleSet::load({folder.path()}, false, hooks, problems, reading);
    if (loaded) set = *std::move(loaded);
  }
  std::string problem_texts() const {
    std::string text;
    for (const RuleProblem& problem : problems) text += format(problem);
    return text;
  }
};

/// A report with what belongs to it, for match().
struct Scene {
  ReportBuilder builder;
  std::vector<Placement> placements;
  Symbols symbols;
  Facts facts;
  Report report;

  void message(const std::string& text) {
    const auto document = builder.add_document(Document(std::make_shared<std::string>(text)));
    builder.panic().message = {text, {document, 0, static_cast<std::uint32_t>(text.size())}};
  }
  Fact& fact() { return facts.all.emplace_back(kDemoFact); }
  std::vector<Finding> ask(const RuleSet& rules) {
    report = builder.report();
    if (symbols.of({0}).empty()) symbols = symbols_in_report(report);
    return rules::match(rules, {report, placements, symbols, facts});
  }
};

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace panicscan::rules::testing
