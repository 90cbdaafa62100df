#pragma once

#include <string>
#include <vector>

#include "base/source.h"
#include "model/placement.h"
#include "model/report.h"
#include "model/symbols.h"

namespace panicscan {

/// Another file of the same incident: the dext's crash report, the log around it, an ioreg dump.
struct Companion {
  Source source;
  std::string sha256;   ///< of the input's bytes, lower-case hex
  std::string because;  ///< why it belongs to the incident: "same boot session 1B2C…"
  Report report;
  std::vector<Placement> placements;  ///< parallel to report.frames
  Symbols symbols;
};

}  // namespace panicscan
