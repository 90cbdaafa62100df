#pragma once

#include "base/expected.h"
#include "base/limits.h"
#include "base/source.h"
#include "model/case.h"
#include "model/ownership.h"
#include "rules/rules.h"

namespace panicscan::app {

class SymbolTools;

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
