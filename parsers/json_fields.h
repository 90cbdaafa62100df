#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_tree.h"
#include "model/report_builder.h"

namespace panicscan::parsers {

/// The bounds of JSON among those of a report.
JsonLimits json_limits(const Limits& limits);

/// The bytes of a JSON value in the document that its tree was parsed from.
SourceRef where_of(JsonValue value, std::uint32_t document);

/// A scalar as text: the decoded string, or the number as it is written; empty for the others.
std::string scalar_text(JsonValue value);
/// The same without blanks at both ends, and where it stands.
Sourced<std::string> sourced_text(JsonValue value, std::uint32_t document);

/// Keeps a value as Fields: a scalar as one, the members of an object under dotted names
/// ("memoryStatus.memoryPages.wired"), an array as its JSON without blanks.
void add_json_field(ReportBuilder& out, std::string name, JsonValue value, std::uint32_t document);

/// Keeps the lines of a text that stands in a JSON string, one Field each; empty lines are dropped.
void add_line_fields(ReportBuilder& out, std::string_view name, JsonValue value,
                     std::uint32_t document);

/// Makes remarks of a text or a list of texts, as a report's "notes" has them; empty ones are
/// dropped.
void add_remarks(ReportBuilder& out, JsonValue value, std::uint32_t document);

/// Turns what was odd about a JSON text into Notes.
void note_json_damage(ReportBuilder& out, const JsonTree& tree, std::uint32_t document);

}  // namespace panicscan::parsers
