#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/source_ref.h"
#include "model/ids.h"
#include "model/value.h"

namespace panicscan {

/// One line of a log whose meaning we know; the others are only counted.
struct LogEvent {
  std::string kind;  ///< of the table in parsers/log_events.cc: "dext-crash-count"…
  std::string time;  ///< as printed, or empty
  std::optional<std::int64_t> unix_us;  ///< UTC, microseconds; only when the line says the zone
  std::optional<std::uint64_t> since_boot_us;  ///< of dmesg and serial logs
  std::string process;                         ///< "kernel", "ReportCrash"…
  std::optional<ProcessId> pid;
  std::optional<ThreadId> thread;
  std::string sender;                                 ///< library or bundle that logged, or empty
  std::string level;                                  ///< "Default", "Error", "Fault"…, or empty
  std::string message;                                ///< without the prefix
  std::vector<std::pair<std::string, Value>> values;  ///< what the line's pattern captured
  SourceRef where;
};

/// An excerpt of a log.
struct Log {
  std::string style;  ///< "unified", "compact", "syslog", "ndjson", "console", "dmesg", "plain"
  std::vector<LogEvent> events;
  std::uint64_t lines = 0;    ///< all lines of the excerpt
  std::uint64_t unknown = 0;  ///< of those the lines that are no event
};

}  // namespace panicscan
