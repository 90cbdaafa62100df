#pragma once

#include <string>
#include <vector>

#include "model/report.h"

namespace panicscan {

/// The broken invariants of a report, one sentence each; empty when all hold.
///
/// Every Index and range lies in its arena; frame ranges of threads and backtraces are disjoint;
/// every SourceRef lies in its document; a document's parent comes before it; document 0 is the
/// file; a kernel_panic has a panic. Waiters need not exist as threads: stackshots drop threads.
std::vector<std::string> validate(const Report& report);

}  // namespace panicscan
