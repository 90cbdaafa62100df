// rules test: incidents whose answers are known, and what the rules say of them.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include "analysis/analyze.h"
#include "app/cli.h"
#include "app/examine.h"
#include "app/exit_code.h"
#include "app/rule_loading.h"
#include "app/rule_test.h"
#include "base/json_writer.h"
#include "model/names.h"

namespace panicscan::app {
namespace {

/// What came of the incidents of one rule.
struct Tally {
  std::uint64_t cases = 0, first = 0, hit = 0, missed = 0, wrong_certainty = 0, wrong_values = 0;
  std::uint64_t false_hits = 0;  ///< fired where it must not
  std::uint64_t near = 0;        ///< incidents that it must not fire on

  bool is_good() const {
    return first == cases && missed + wrong_certainty + wrong_values + false_hits == 0;
  }
};

struct Column {
  std::string_view name;
  std::uint64_t Tally::* count;
};
constexpr Column kColumns[] = {{"cases", &Tally::cases},
                               {"first", &Tally::first},
                               {"hit", &Tally::hit},
                               {"missed", &Tally::missed},
                               {"false", &Tally::false_hits},
                               {"certainty", &Tally::wrong_certainty},
                               {"values", &Tally::wrong_values},
                               {"near", &Tally::near}};

constexpr std::string_view kCycleFact = "wait.cycle";

/// Of a finding, a value as the lab writes it; empty when there is no such capture.
std::string captured(const Finding& finding, std::string_view name) {
  const auto row =
      std::ranges::find(finding.captures, name, [](const auto& capture) { return capture.first; });
  if (row == finding.captures.end()) return {};
  if (const auto number = row->second.as_number();
      number && row->second.type != ValueType::address && row->second.type != ValueType::hex)
    return std::to_string(*number);
  return format(row->second);
}

/// Everything that a finding tells a reader.
std::string words_of(const Finding& finding) {
  std::string words = finding.title + '\n' + finding.summary + '\n';
  const auto add = [&](const std::vector<std::string>& lines) {
    for (const std::string& line : lines) words += line + '\n';
  };
  add(finding.fix);
  for (const Cause& cause : finding.causes) {
    words += cause.text + '\n';
    add(cause.fix);
  }
  for (const auto* reasons : {&finding.matched, &finding.in_favour})
    for (const Reason& reason : *reasons) words += reason.says + '\n';
  return words;
}

/// Whether a frame of the report, or a register, has the name that the lab's sources give it.
bool is_named(const Case& result, const ExpectedIncident& incident) {
  const auto fits = [&](const Symbol& symbol) {
    return symbol.function == incident.function && symbol.line == incident.line &&
           symbol.file.ends_with(incident.file);
  };
  for (const auto& other : result.symbols.others)
    if (std::ranges::any_of(other.names, fits)) return true;
  for (std::uint32_t i = 0; i < result.report.frames.size(); ++i)
    if (std::ranges::any_of(result.symbols.of(Index<Frame>{i}), fits)) return true;
  return false;
}

/// Whether the analyses look for threads that wait for one another.
bool are_cycles_known() {
  return std::ranges::any_of(analysis::schemas(),
                             [](const FactSchema* row) { return row->name == kCycleFact; });
}

/// Whether a ring of waiting threads has exactly these members.
bool is_ring(const Case& result, const std::vector<std::string>& threads) {
  return std::ranges::any_of(result.facts.all, [&](const Fact& fact) {
    if (fact.schema == nullptr || fact.schema->name != kCycleFact) return false;
    const Value* value = fact.find("threads");
    const auto* members =
        value != nullptr ? std::get_if<std::vector<std::string>>(&value->data) : nullptr;
    return members != nullptr && std::ranges::is_permutation(*members, threads);
  });
}

class Run {
 public:
  Run(const rules::RuleSet& rules, const SymbolTools* tools) : rules_(rules), tools_(tools) {}

  void test(const ExpectedIncident& incident) {
    auto result = examined(incident);
    const bool nothing = incident.rule.empty();
    Tally& tally = tallies_[nothing ? std::string(kNothing) : incident.rule];
    ++tally.cases;
    for (const std::string& rule : incident.must_not) ++tallies_[rule].near;
    if (!result) return complain(incident, result.error().message, tally.missed);
    for (const Finding& finding : result->findings)
      if (std::ranges::find(incident.must_not, finding.rule) != incident.must_not.end())
        complain(incident, finding.rule + " fired and must not", tallies_[finding.rule].false_hits);
    compare_names(incident, *result, tally);
    if (nothing) {
      if (result->findings.empty())
        ++tally.first;
      else
        complain(incident, result->findings.front().rule + " fired", tally.false_hits);
    } else {
      compare(incident, *result, tally);
    }
  }

  bool is_good() const {
    return std::ranges::all_of(tallies_, [](const auto& row) { return row.second.is_good(); });
  }

  std::string text() const {
    std::string out;
    for (const auto& line : complaints_) out += line + '\n';
    out += fmt::format("{:<42}", "rule");
    for (const Column& column : kColumns) out += fmt::format(" {:>9}", column.name);
    for (const auto& [rule, tally] : tallies_) {
      out += fmt::format("\n{:<42}", rule);
      for (const Column& column : kColumns) out += fmt::format(" {:>9}", tally.*column.count);
    }
    return out + '\n';
  }

  std::string json() const {
    JsonWriter out;
    out.begin_object().key("rules").begin_array();
    for (const auto& [rule, tally] : tallies_) {
      out.inline_begin().begin_object().member("rule", std::string_view(rule));
      for (const Column& column : kColumns) out.member(column.name, tally.*column.count);
      out.end_object().inline_end();
    }
    out.end_array().key("complaints").begin_array();
    for (const auto& line : complaints_) out.value(std::string_view(line));
    out.end_array().end_object();
    return std::move(out).take() + '\n';
  }

 private:
  static constexpr std::string_view kNothing = "(nothing)";

  void complain(const ExpectedIncident& incident, const std::string& what, std::uint64_t& count) {
    ++count;
    complaints_.push_back(incident.folder + ": " + what);
  }

  void compare(const ExpectedIncident& incident, const Case& result, Tally& tally) {
    const auto& findings = result.findings;
    const auto found = std::ranges::find(findings, incident.rule, &Finding::rule);
    if (found == findings.end()) return complain(incident, incident.rule + " missed", tally.missed);
    if (found == findings.begin())
      ++tally.first;
    else
      complain(incident, findings.front().rule + " comes before " + incident.rule, tally.hit);
    const auto certainty = to_string(found->certainty);
    if (!incident.certainty.empty() &&
        std::ranges::find(incident.certainty, certainty) == incident.certainty.end())
      complain(incident,
               fmt::format("{} is {} ({} points)", incident.rule, certainty, found->points),
               tally.wrong_certainty);
    for (const auto& [name, value] : incident.captures)
      if (const auto ours = captured(*found, name); ours != value)
        complain(incident, fmt::format("{} is '{}', not '{}'", name, ours, value),
                 tally.wrong_values);
    const std::string words = words_of(*found);
    for (const std::string& phrase : incident.says)
      if (words.find(phrase) == std::string::npos)
        complain(incident, fmt::format("{} does not say \"{}\"", incident.rule, phrase),
                 tally.wrong_values);
  }

  /// The incident as a whole: its first file, with the others joined.
  Expected<Case> examined(const ExpectedIncident& incident) const {
    auto primary = parsed(incident.report);
    if (!primary) return std::move(primary).error();
    std::vector<JoinedReport> joined;
    for (const std::string& path : incident.beside) {
      auto file = parsed(path);
      if (!file) return std::move(file).error();
      joined.push_back({*std::move(file), "it is in the folder of the incident"});
    }
    return examine(*std::move(primary), std::move(joined), rules_, tools_);
  }

  static Expected<ParsedFile> parsed(const std::string& path) {
    auto source = read_source(path);
    if (!source) return std::move(source).error();
    return parse_file(*std::move(source), {});
  }

  /// What does not depend on the rule: the name of the frame to blame, and the ring.
  void compare_names(const ExpectedIncident& incident, const Case& result, Tally& tally) {
    if (tools_ != nullptr && !incident.function.empty() && !is_named(result, incident))
      complain(incident,
               fmt::format("no address is named {} ({}:{})", incident.function, incident.file,
                           incident.line),
               tally.wrong_values);
    if (!incident.cycle.empty() && are_cycles_known() && !is_ring(result, incident.cycle))
      complain(incident, fmt::format("no ring of threads {}", fmt::join(incident.cycle, ", ")),
               tally.wrong_values);
  }

  const rules::RuleSet& rules_;
  const SymbolTools* tools_;
  std::map<std::string, Tally> tallies_;
  std::vector<std::string> complaints_;
};

}  // namespace

int rules_test(const RuleTestOptions& options) {
  const auto set = load_rules(options.rules, /*quiet=*/false, rules::Reading::quick);
  const auto incidents = read_incidents(options.lab);
  if (!set || !incidents) {
    std::cerr << "panicscan: " << (set ? incidents.error() : set.error()).message << '\n';
    return static_cast<int>(ExitCode::usage);
  }
  std::unique_ptr<SymbolTools> tools;
  if (are_symbols_wanted(options.symbols))
    tools = std::make_unique<SymbolTools>(options.symbols, SymbolTools::For::names);
  Run run(*set, tools.get());
  for (const ExpectedIncident& incident : *incidents) run.test(incident);
  std::cout << (options.json ? run.json() : run.text());
  if (!std::cout.flush()) return static_cast<int>(ExitCode::internal);
  return run.is_good() ? static_cast<int>(ExitCode::done)
                       : static_cast<int>(ExitCode::condition_met);
}

}  // namespace panicscan::app
