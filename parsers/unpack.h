#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "base/limits.h"

namespace panicscan::parsers {

/// The bytes of a report, and what had to be undone to get at them.
struct Unpacked {
  std::string bytes;
  std::vector<std::string> remarks;  ///< "unpacked from gzip", in order
  std::vector<std::string> cuts;     ///< why the bytes end early
};

/// Undoes gzip, base64 and property lists (when kcdata or gzip is below them) and the kernel's own
/// compression of kcdata until there is nothing to undo; nothing when there was nothing to begin
/// with. Errors: malformed, when a packing gives no bytes; limit, when they are too deep.
Expected<std::optional<Unpacked>> unpack(std::string_view bytes, const Limits& limits);

}  // namespace panicscan::parsers
