#pragma once

#include "model/report_builder.h"
#include "parsers/ips_body.h"
#include "parsers/ips_header.h"

namespace panicscan::parsers {

/// What a body is read as, whatever its bug type says.
enum class PanicBodyKind {
  panic,         ///< 210, 410, or any body that holds a panic text
  forced_reset,  ///< 151: may hold a panic text under "string"
  stackshot,     ///< 288 and relatives; 409 nests it under "stackshot"
};

/// Whether the body holds a panic text under one of its names.
bool has_panic_text(const IpsBody& body);
/// Whether the body, or the "stackshot" object in it, holds processes.
bool has_stackshot(const IpsBody& body);

/// Reads the body of a panic, a forced reset or a stackshot: machine, panic text, stackshot; what
/// has no place in the model becomes Fields.
///
/// Source: shape of panic-full files; names of the stackshot part as in xnu
/// tools/lldbmacros/kcdata.py; panic flags in osfmk/kern/debug.h (two layouts, see
/// Panic::flags_are_intel).
void read_panic_full(const IpsBody& body, const IpsHeader& header, PanicBodyKind kind,
                     ReportBuilder& out);

}  // namespace panicscan::parsers
