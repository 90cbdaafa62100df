#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/source_ref.h"
#include "model/frame.h"
#include "model/ids.h"

namespace panicscan {

struct Process;

/// A thread of a stackshot or crash report.
struct Thread {
  ThreadId id;
  Index<Process> process;
  std::string name;
  std::string queue;                  ///< dispatch queue label; in a dext the IODispatchQueue
  std::vector<std::string> state;     ///< "TH_WAIT", "TH_UNINT"…, as printed or decoded
  std::vector<std::string> flags;     ///< "kThreadOnCore"…, "TH_SFLAG_…"
  std::optional<Frame> continuation;  ///< blocked without a kernel stack: where it resumes
  std::optional<Frame> wait_event;    ///< often a hash, not an address
  std::optional<std::int32_t> base_priority, scheduled_priority;
  std::optional<std::uint64_t> user_time_us, system_time_us;
  IndexRange<Frame> kernel_stack, user_stack, async_stack;
  SourceRef where;
};

/// A process (task) of a stackshot, of a crash report, or of a memory event.
struct Process {
  ProcessId id;
  std::string name;
  std::vector<std::string> flags;
  IndexRange<Thread> threads;
  std::optional<std::uint64_t> resident_bytes;
  std::string ended_because;  ///< why the system ended it: "per-process-limit"; or empty
  SourceRef where;
};

}  // namespace panicscan
