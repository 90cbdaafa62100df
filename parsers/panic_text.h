#pragma once

#include <cstdint>
#include <string_view>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// How much a text looks like the text of a kernel panic: 0 (not at all) to 100 (beyond doubt).
///
/// Works on fragments and on text with something else before it; 30 and more is worth parsing.
/// Looks at the first few hundred lines only.
int score_panic_text(std::string_view text);

/// Reads the panic text that is document number `document` (already normalised) into the panic
/// that is open in `out`, which may have been begun by a container (flags, product…).
///
/// What the container has set already is not overwritten; a value that differs costs an ambiguous
/// note. Several panics in one text become several panics. No line is lost: what no grammar knows
/// becomes Field{"line"} and a Note. Never fails; an empty text gives an empty panic and a note.
///
/// Fields are named as the text names them. Where it gives no name: "Zone map", "Zone GEN0"… (rows
/// of the zone info), "Last Sleep Wake"…, "Panicked task" (what follows these words), "service"
/// (watchdogd's status lines), "otherString" (remarks on the stackshot), "coprocessor" (what its
/// firmware adds), "System Profile", "date", "line" (known, but without a name).
void parse_panic_text(std::uint32_t document, ReportBuilder& out);

}  // namespace panicscan::parsers
