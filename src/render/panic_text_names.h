#pragma once

#include <string>
#include <vector>

#include "model/case.h"
#include "render/splice.h"

namespace panicscan::render {

/// Names that belong behind a row of a panic text.
struct NamedRow {
  SourceRef row;                   ///< without the blanks around it
  std::vector<std::string> names;  ///< printable; the first goes behind the row, others below it
};

/// What symbol files say of the rows of backtraces, of register dumps and of the lines of single
/// CPUs, in all panics of the report. Rows about which nothing new is known are not among them.
std::vector<NamedRow> named_rows(const Case& subject);

/// The document that is the report as people have it: the file, or, when that is UTF-16, the file
/// as UTF-8.
std::uint32_t readable_document(const Report& report);

/// The changes that write the names into one of the report's documents: the panic text itself, or
/// any that it was taken from. There they are written as the text around them is: with JSON's
/// escapes inside a JSON string, with the quote marks of a forum post before each line.
std::vector<Splice> name_splices(const Report& report, const std::vector<NamedRow>& rows,
                                 std::uint32_t document);

}  // namespace panicscan::render
