#pragma once

#include <cstdint>

#include "base/json_tree.h"
#include "model/report_builder.h"
#include "parsers/image_table.h"

namespace panicscan::parsers {

/// Reads processByPid: processes, their threads and stacks, and who waits for whom.
///
/// Odd values cost one note (of kind `trouble`) a kind and process; keys that are not known become
/// a Field at their first appearance. Source: xnu tools/lldbmacros/kcdata.py SaveStackshotReport();
/// the system's own writer adds keys.
void read_stackshot(JsonValue process_by_pid, const ImageTable& images, std::uint32_t document,
                    NoteKind trouble, ReportBuilder& out);

}  // namespace panicscan::parsers
