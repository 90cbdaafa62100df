#pragma once

#include <optional>
#include <string>
#include <vector>

#include "symbolicator/scan.h"
#include "symbolicator/uuid_index.h"

namespace panicscan::symbols {

/// The headers of every scanned file: those of files that did not change out of the index, the
/// others read on several threads and remembered. An index that cannot be used is told by a note.
IndexedFiles read_headers(const Scan& scan, const std::optional<UuidIndex>& index,
                          std::vector<std::string>& notes);

}  // namespace panicscan::symbols
