#pragma once

#include <optional>
#include <string_view>

#include "base/expected.h"
#include "base/source_ref.h"
#include "model/wait.h"

namespace panicscan::parsers {

/// What one line of waitInfo or turnstileInfo says: a wait and, where the line was written by
/// kcdata.py, the turnstile that it appends in brackets.
struct WaitLine {
  WaitEdge wait;
  std::optional<WaitEdge> turnstile;
};

/// Reads a line of either dialect. Errors: malformed, when it does not begin "thread <id>:".
/// A phrase that no row knows is no error: it becomes WaitKind::other and is kept verbatim.
Expected<WaitLine> read_wait_line(std::string_view line, SourceRef where);

}  // namespace panicscan::parsers
