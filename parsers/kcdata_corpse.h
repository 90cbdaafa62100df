#pragma once

#include <cstdint>

#include "model/report_builder.h"
#include "parsers/kcdata.h"

namespace panicscan::parsers {

/// Where the bytes of a tree stand: in this document, from this offset on.
struct KcdataPlace {
  std::uint32_t document = 0, start = 0;
  SourceRef of(const KcdataNode& node) const { return {document, start + node.offset, node.size}; }
};

/// Reads what a buffer says of a process that ended: crash information of a corpse (crashinfo,
/// btinfo) and the exit reason, which may be nested in it, into Report::crash.
/// Source: xnu osfmk/kern/kcdata.h, TASK_CRASHINFO_*, TASK_BTINFO_*, EXIT_REASON_*.
void read_kcdata_corpse(const KcdataTree& tree, KcdataPlace place, ReportBuilder& out);

}  // namespace panicscan::parsers
