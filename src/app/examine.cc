#include "app/examine.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "analysis/analyze.h"
#include "analysis/apply_ownership.h"
#include "app/symbol_tools.h"
#include "base/sha256.h"
#include "parsers/format.h"

namespace panicscan::app {

Expected<ParsedFile> parse_file(Source source, const Limits& limits) {
  auto report = parsers::parse(source, limits);
  if (!report) return std::move(report).error();
  return ParsedFile{std::move(source), *std::move(report)};
}

Case examine(ParsedFile primary, std::vector<JoinedReport> joined, const rules::RuleSet& rules,
             const SymbolTools* tools, const Ownership& owners) {
  const auto name = [&](const Report& report, std::span<const Placement> placements) {
    return tools != nullptr ? tools->names_for(report, placements) : symbols_in_report(report);
  };
  std::vector<Companion> companions;
  for (JoinedReport& each : joined) {
    Companion companion;
    companion.sha256 = sha256_hex(*each.file.source.bytes);
    companion.source = std::move(each.file.source);
    companion.because = std::move(each.because);
    companion.report = std::move(each.file.report);
    companion.placements = place_frames(companion.report);
    companion.symbols = name(companion.report, companion.placements);
    companions.push_back(std::move(companion));
  }
  std::ranges::stable_sort(companions, {}, [](const Companion& c) { return c.source.path; });

  const Report& report = primary.report;
  auto placements = place_frames(report);
  auto symbols = name(report, placements);
  Ownership known = owners;
  if (tools != nullptr) known.built = tools->own_code(symbols);
  auto facts = analysis::analyze(report, placements, symbols, companions, known);
  facts.culprit = analysis::apply_ownership(std::move(facts.culprit), symbols, known);
  auto findings = rules::match(rules, {report, placements, symbols, facts, companions});
  auto digest = sha256_hex(*primary.source.bytes);
  return Case{std::move(primary.source),
              std::move(digest),
              std::move(primary.report),
              std::move(placements),
              std::move(symbols),
              std::move(companions),
              std::move(facts),
              std::move(findings),
              rules.infos(),
              rules.hash(),
              std::move(known)};
}

Expected<Case> examine(Source source, const rules::RuleSet& rules, const SymbolTools* tools,
                       const Limits& limits, const Ownership& owners) {
  auto file = parse_file(std::move(source), limits);
  if (!file) return std::move(file).error();
  return examine(*std::move(file), {}, rules, tools, owners);
}

Expected<Case> read_with_names(Source source, const SymbolTools* tools, const Limits& limits) {
  auto report = parsers::parse(source, limits);
  if (!report) return std::move(report).error();
  Case named;
  named.source = std::move(source);
  named.report = *std::move(report);
  named.placements = place_frames(named.report);
  named.symbols = tools != nullptr ? tools->names_for(named.report, named.placements)
                                   : symbols_in_report(named.report);
  return named;
}

rules::Hooks rule_hooks() {
  rules::Hooks hooks{
      .schemas = analysis::schemas(),
      .parse_wait = [](std::string_view line) { return parsers::parse_wait_line(line, {}); },
      .analyze =
          [](const Report& report, std::span<const Placement> placements, const Symbols& symbols,
             std::span<const Companion> companions) {
            return analysis::analyze(report, placements, symbols, companions);
          },
      .parse_report =
          [](std::string_view text) {
            return parsers::parse(source_from_text("example", std::string(text)));
          },
      .read_sample = {}};
  // The samples are part of the source tree: elsewhere, examples that name one stay unread.
  std::error_code ignored;
  if (std::filesystem::is_directory("samples/reports", ignored))
    hooks.read_sample = [](std::string_view path) -> Expected<std::string> {
      auto source = read_source("samples/" + std::string(path));
      if (!source) return std::move(source).error();
      return *source->bytes;
    };
  return hooks;
}

}  // namespace panicscan::app
