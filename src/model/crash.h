#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/source_ref.h"
#include "base/uuid.h"
#include "model/address.h"
#include "model/ids.h"
#include "model/panic.h"
#include "model/thread.h"

namespace panicscan {

/// The Mach exception that ended a process.
/// Source: xnu osfmk/mach/exception_types.h.
struct Exception {
  std::string type;     ///< "EXC_BAD_ACCESS"
  std::string subtype;  ///< "KERN_INVALID_ADDRESS at 0x…"
  std::string signal;   ///< "SIGSEGV"
  std::string message;  ///< some systems add one
  std::vector<std::uint64_t> codes;
  SourceRef where;
};

/// Who ended a process, and for what reason.
/// Source: xnu bsd/sys/reason.h (OS_REASON_*).
struct Termination {
  std::string name_space;  ///< "SIGNAL", "DYLD", "CODESIGNING", "JETSAM"…
  std::optional<std::uint64_t> code;
  std::optional<std::uint64_t> flags;
  std::string indicator;  ///< "Abort trap: 6"
  std::string by_process;
  std::optional<ProcessId> by_pid;
  std::vector<std::string> reasons, details;
  SourceRef where;
};

/// A line of application-specific information: what a library of the process left to be read.
struct ApplicationNote {
  std::string library;  ///< "libsystem_c.dylib", or empty
  Sourced<std::string> text;
};

/// The registers of one thread.
struct ThreadRegisters {
  Index<Thread> thread;
  RegisterSet set;
};

/// What a crash report says of the process beyond its threads, frames and images.
struct Crash {
  std::string process;  ///< name
  std::string path;
  std::string bundle_id;  ///< "Identifier"; of a driver extension its bundle id
  std::string version;
  std::optional<ProcessId> pid, parent_pid;
  std::string parent;
  std::string coalition;
  std::string time;         ///< as printed: "2025-01-02 03:04:05.678 +0000"
  std::string launch_time;  ///< as printed
  bool is_corpse = false;
  bool is_translated = false;  ///< ran under Rosetta
  bool is_fatal = true;        ///< false for 308 and 385, which simulate a crash
  std::optional<Exception> exception;
  std::optional<Termination> termination;
  std::optional<Index<Thread>> crashed_thread;
  std::optional<RegisterSet> registers;          ///< of the crashed thread
  std::vector<ThreadRegisters> other_registers;  ///< of other threads, in order
  std::string fault;                      ///< what the processor said: "(Data Abort) byte read…"
  IndexRange<Frame> exception_backtrace;  ///< where a language exception was thrown
  std::vector<ApplicationNote> notes;     ///< asi, in order
  std::string kernel_triage;              ///< lines, or empty
  std::string vm_region;                  ///< the region the bad address lies in, lines, or empty
  SourceRef where;
};

}  // namespace panicscan
