#include "app/examine.h"

#include <utility>

#include "analysis/analyze.h"
#include "analysis/apply_ownership.h"
#include "app/symbol_tools.h"
#include "base/sha256.h"
#include "parsers/format.h"

namespace panicscan::app {

Expected<Case> examine(Source source, const rules::RuleSet& rules, const SymbolTools* tools,
                       const Limits& limits, const Ownership& owners) {
  auto report = parsers::parse(source, limits);
  if (!report) return std::move(report).error();

  auto placements = place_frames(*report);
  auto symbols =
      tools != nullptr ? tools->names_for(*report, placements) : symbols_in_report(*report);
  auto facts = analysis::analyze(*report, placements, symbols);
  facts.culprit = analysis::apply_ownership(std::move(facts.culprit), symbols, owners);
  auto findings = rules::match(rules, {*report, placements, symbols, facts});
  auto digest = sha256_hex(*source.bytes);
  return Case{std::move(source),     std::move(digest),   *std::move(report),
              std::move(placements), std::move(symbols),  {},
              std::move(facts),      std::move(findings), rules.infos(),
              rules.hash()};
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
  return {.schemas = analysis::schemas(),
          .parse_wait = [](std::string_view line) { return parsers::parse_wait_line(line, {}); },
          .analyze =
              [](const Report& report, std::span<const Placement> placements,
                 const Symbols& symbols) { return analysis::analyze(report, placements, symbols); },
          .parse_report =
              [](std::string_view text) {
                return parsers::parse(source_from_text("example", std::string(text)));
              },
          .read_sample = [](std::string_view path) -> Expected<std::string> {
            auto source = read_source("samples/" + std::string(path));
            if (!source) return std::move(source).error();
            return *source->bytes;
          }};
}

}  // namespace panicscan::app
