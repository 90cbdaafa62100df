#pragma once

#include <cstdint>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// Undoes what file systems and editors do to any text: byte-order marks, UTF-16, CR and CRLF line
/// ends, NUL padding, no-break and zero-width blanks.
///
/// Returns the number of the document to go on with: `document` itself when there is nothing to do
/// (a cheap check, nothing is copied), otherwise a new document mapped to it. What may matter to
/// the reader (NULs, UTF-16) costs one Note of kind repaired each. Linear time.
std::uint32_t normalise(std::uint32_t document, ReportBuilder& out);

/// Undoes what mail, forums, web pages and log viewers do to a text that was pasted: quote
/// prefixes, Markdown fences, indentation, smart punctuation, HTML, literal "\n", lost line ends,
/// wrapped lines and log prefixes. Call it behind normalise(), and only for text that does not
/// come out of well-formed JSON.
///
/// Returns the number of the document to go on with, as normalise() does. Each kind of repair costs
/// one Note of kind repaired. Linear time.
std::uint32_t normalise_paste(std::uint32_t document, ReportBuilder& out);

}  // namespace panicscan::parsers
