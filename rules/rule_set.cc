#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>

#include "base/sha256.h"
#include "base/source.h"
#include "base/threads.h"
#include "rules/builtin.h"
#include "rules/describe.h"
#include "rules/literal.h"
#include "rules/loader.h"
#include "rules/rules.h"

namespace panicscan::rules {
namespace {

namespace fs = std::filesystem;

/// A rule file is a page or two; more is a mistake.
constexpr std::size_t kMaxRuleBytes = std::size_t{1} << 20;

/// All *.json files below a directory, or the one file; sorted by path.
Expected<std::vector<fs::path>> rule_paths(const std::string& directory) {
  std::error_code failed;
  std::vector<fs::path> paths;
  if (fs::is_regular_file(directory, failed)) return std::vector<fs::path>{directory};
  auto entry = fs::recursive_directory_iterator(directory, failed);
  for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed))
    if (entry->path().extension() == ".json" && !entry->is_directory(failed))
      paths.push_back(entry->path());
  if (failed)
    return Error{ErrorCode::unreadable,
                 "cannot read the rule directory " + directory + ": " + failed.message(),
                 {}};
  std::ranges::sort(paths);
  return paths;
}

std::vector<RuleFile> builtin_rule_files() {
  std::vector<RuleFile> files;
  for (const BuiltinFile& file : builtin_files())
    files.push_back({"rules/catalog/" + std::string(file.path), std::string(file.path),
                     std::string(file.text), "built-in", true});
  return files;
}

/// Reads the rule files of a directory; those that cannot be read are problems.
Expected<std::vector<RuleFile>> files_in(const std::string& directory,
                                         std::vector<RuleProblem>& problems) {
  const auto paths = rule_paths(directory);
  if (!paths) return paths.error();
  std::vector<RuleFile> files;
  for (const fs::path& path : *paths) {
    auto source = read_source(path.string(), kMaxRuleBytes);
    if (!source) {
      problems.push_back({true, path.string(), 0, 0, source.error().message, {}, {}});
      continue;
    }
    const fs::path below = path == directory ? path : path.lexically_relative(directory);
    files.push_back({path.string(), below.generic_string(), *source->bytes, path.string(), false});
  }
  return files;
}

/// Rules by id, so that a later one of the same id replaces an earlier one.
using ById = std::map<std::string, std::shared_ptr<const Rule>>;

/// What came of one file.
struct Loaded {
  std::shared_ptr<const Rule> rule;  ///< null: it has errors
  std::vector<RuleProblem> problems;
};

void add_rules(const std::vector<RuleFile>& files, const Hooks& hooks, Reading reading, ById& rules,
               std::vector<RuleProblem>& problems) {
  // Reading the catalogue takes longer than judging a short report.
  std::vector<Loaded> all(files.size());
  for_each_on_threads(files.size(), default_threads(), [&](std::size_t i) {
    all[i].rule = load_rule(files[i], hooks, reading, all[i].problems);
  });
  for (Loaded& loaded : all) {
    std::ranges::move(loaded.problems, std::back_inserter(problems));
    std::shared_ptr<const Rule> rule = std::move(loaded.rule);
    if (rule == nullptr) continue;
    auto& place = rules[rule->id];
    if (place != nullptr)
      problems.push_back({false,
                          rule->file,
                          0,
                          0,
                          "the rule " + rule->id + " replaces the one of " +
                              (place->origin == "built-in" ? "the built-in rules" : place->origin),
                          {},
                          {}});
    place = std::move(rule);
  }
}

}  // namespace

Expected<RuleSet> RuleSet::load(const std::vector<std::string>& directories, bool builtin,
                                const Hooks& hooks, std::vector<RuleProblem>& problems,
                                Reading reading) {
  ById rules;
  if (builtin) add_rules(builtin_rule_files(), hooks, reading, rules, problems);
  for (const std::string& directory : directories) {
    const auto files = files_in(directory, problems);
    if (!files) return files.error();
    add_rules(*files, hooks, reading, rules, problems);
  }
  RuleSet set;
  std::string content;
  std::vector<std::string> literals;
  for (auto& [id, rule] : rules) {
    content += id + '\0' + std::to_string(rule->text.size()) + '\0' + rule->text;
    visit_predicates(*rule, [&](const Predicate& predicate) {
      if (const auto* message = std::get_if<MessageAsks>(&predicate.asks))
        for (const std::string& literal : message->pattern.literals()) literals.push_back(literal);
    });
    set.rules_.push_back(std::move(rule));
  }
  set.hash_ = sha256_hex(content);
  set.message_literals_ = std::make_shared<const LiteralSet>(std::move(literals));
  return set;
}

const LiteralSet& RuleSet::message_literals() const {
  static const LiteralSet kNone;
  return message_literals_ == nullptr ? kNone : *message_literals_;
}

const Rule* RuleSet::find(std::string_view id) const {
  const auto by_id = [](const auto& rule) { return std::string_view(rule->id); };
  const auto found = std::ranges::lower_bound(rules_, id, {}, by_id);
  if (found != rules_.end() && (*found)->id == id) return found->get();
  for (const auto& rule : rules_)
    if (std::ranges::find(rule->formerly, id) != rule->formerly.end()) return rule.get();
  return nullptr;
}

std::vector<RuleInfo> RuleSet::infos() const {
  std::vector<RuleInfo> infos;
  for (const auto& rule : rules_)
    infos.push_back({rule->id, rule->title, rule->status, rule->origin, rule->severity});
  return infos;
}

}  // namespace panicscan::rules
