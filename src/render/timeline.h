#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/case.h"

namespace panicscan::render {

/// Something that happened, and which file says so.
struct Moment {
  std::int64_t unix_us = 0;     ///< UTC, microseconds
  std::uint32_t companion = 0;  ///< 0 = the report, n = the n-th companion
  std::string says;
  SourceRef where;
  bool is_log = false;  ///< a line of a log; there may be many
};

/// Everything of the incident that has a time, in its order: boot, sleep, launches, lines of the
/// log, crashes, the panic. Times are those of the machine's own clock. At most `most` lines of
/// logs, the last ones.
struct Timeline {
  std::vector<Moment> moments;
  std::size_t left_out = 0;  ///< earlier lines of logs
};
Timeline timeline(const Case& subject, std::size_t most);

}  // namespace panicscan::render
