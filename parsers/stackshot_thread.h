#pragma once

#include "base/json_tree.h"
#include "parsers/stackshot_context.h"

namespace panicscan::parsers {

/// Reads one thread of a task's threadById into the process that is open in the report: state,
/// stacks, and the wait lines that newer writers put here.
void read_stackshot_thread(JsonValue thread, StackshotContext& context);

/// Reads waitInfo or turnstileInfo: one line or several. `thread` is the one they stand in, if
/// they do; such lines may leave out "thread <id>: ".
void read_wait_lines(JsonValue lines, std::optional<ThreadId> thread, StackshotContext& context);

}  // namespace panicscan::parsers
