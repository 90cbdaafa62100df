#pragma once

#include <string>
#include <vector>

#include "base/expected.h"
#include "base/limits.h"
#include "base/source.h"
#include "model/case.h"
#include "model/ownership.h"
#include "rules/rules.h"

namespace panicscan::app {

class SymbolTools;

/// A file that was read.
struct ParsedFile {
  Source source;
  Report report;
};

/// Reads a file. Errors: those of parsers::parse.
Expected<ParsedFile> parse_file(Source source, const Limits& limits);

/// Another file of the incident, and why it belongs to it.
struct JoinedReport {
  ParsedFile file;
  std::string because;
};

/// What follows from a report and the files that belong to it.
Case examine(ParsedFile primary, std::vector<JoinedReport> joined, const rules::RuleSet& rules,
             const SymbolTools* tools = nullptr, const Ownership& owners = {});

/// Everything panicscan does to one report, top to bottom. Without `tools` frames keep the names
/// that the report gives them.
/// Errors: those of parsers::parse.
Expected<Case> examine(Source source, const rules::RuleSet& rules,
                       const SymbolTools* tools = nullptr, const Limits& limits = {},
                       const Ownership& owners = {});

/// The report with names and nothing more: no facts, no findings.
/// Errors: those of parsers::parse.
Expected<Case> read_with_names(Source source, const SymbolTools* tools, const Limits& limits = {});

/// What the rules need from layers they must not know.
rules::Hooks rule_hooks();

}  // namespace panicscan::app
