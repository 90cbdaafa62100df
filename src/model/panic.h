#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/source_ref.h"
#include "base/uuid.h"
#include "model/address.h"
#include "model/frame.h"
#include "model/ids.h"

namespace panicscan {

/// How the panic macro that was used decorates a message.
enum class MessageStyle {
  plain,   ///< no quotes; " @file.c:12" or nothing at the end
  quoted,  ///< stringified by the macro: quotes, escapes, "@" glued or after a blank
};

/// A register as printed: name in lower case ("x0", "far", "rip").
struct Register {
  std::string name;
  std::uint64_t value = 0;
};

/// One register dump.
struct RegisterSet {
  std::vector<Register> registers;
  bool is_of_other_cpu = false;  ///< printed by a CPU that was stopped by NMI, not by the panic
  SourceRef where;

  /// The value of a register, by its lower-case name.
  std::optional<std::uint64_t> find(std::string_view name) const;
};

/// Why a list of frames is in the panic text.
enum class BacktraceKind {
  panicked,     ///< of the thread that panicked
  cpu,          ///< of another CPU, stopped by NMI
  nested,       ///< of a panic inside the panic
  allocation,   ///< where a heap element was allocated
  freed,        ///< where it was freed
  leak,         ///< the path that leaks from a zone
  last_branch,  ///< x86 last-branch records (targets)
};

/// A list of frames in the panic text.
struct Backtrace {
  BacktraceKind kind = BacktraceKind::panicked;
  std::optional<std::uint32_t> cpu;
  IndexRange<Frame> frames;
  std::string end_reason;  ///< "Backtrace continues...", "invalid frame pointer"…; empty when none
  SourceRef where;
};

/// Where the kernel and its parts were loaded, as printed. See model/placement.h for the use.
/// Source: xnu osfmk/kern/debug.c panic_print_kernel_slide / kernelcache lines.
struct KernelLayout {
  std::optional<Sourced<Slide>> kernelcache_slide;
  std::optional<Sourced<Address>> kernelcache_base;
  std::optional<Sourced<Slide>> kernel_slide;
  std::optional<Sourced<Address>> kernel_text_base;
  std::optional<Sourced<Slide>> text_exec_slide;
  std::optional<Sourced<Address>> text_exec_base;
  std::optional<Sourced<Address>> hib_text_base;
};

/// A row of "Epoch Time": seconds and microseconds since 1970, UTC; all zero means "never".
struct EpochTime {
  std::uint64_t seconds = 0;
  std::uint64_t microseconds = 0;
};

struct PanicTimes {
  std::optional<Sourced<EpochTime>> boot, sleep, wake, calendar;
  std::optional<Sourced<std::uint64_t>> mach_absolute_time;  ///< ticks
  std::optional<Sourced<std::uint64_t>> uptime_ns;           ///< x86
};

/// What the text says of one CPU at the stop.
struct Core {
  std::uint32_t cpu = 0;
  std::string cluster;  ///< "PACC1", or empty
  std::optional<Address> pc, lr, fp, retired;
  bool panicked = false;
  bool offline = false;
  SourceRef where;
};

/// Which list of the panic text a kext comes from.
enum class KextList { in_backtrace, dependency, loaded, last_started, last_stopped };

/// One line about a kernel extension.
struct Kext {
  KextList list = KextList::loaded;
  std::string bundle_id;  ///< abbreviations ("|IOUSB!F") expanded
  std::string version;
  std::optional<Uuid> uuid;
  std::optional<Address> start, last;     ///< last is inclusive, as printed
  std::optional<std::uint64_t> size;      ///< bytes (last started/stopped)
  std::optional<std::uint64_t> at_ticks;  ///< mach time of start/stop
  std::optional<Index<Image>> image;      ///< its range as an Image
  SourceRef where;
};

/// A line pair about a driver extension, as macOS 26 appends to some messages.
struct Dext {
  std::string bundle_id;
  std::string path;
  std::string state;
  SourceRef where;
};

/// A panic that happened while another was being handled.
struct NestedPanic {
  std::optional<std::uint64_t> entry_count;
  std::optional<Address> caller;
  std::string message;
  SourceRef where;
};

/// What a panic text says.
struct Panic {
  Sourced<std::string> message;  ///< without quotes, escapes and "@file:line"; may be several lines
  std::string raw_message;       ///< as printed
  MessageStyle style = MessageStyle::plain;
  std::optional<Sourced<std::string>> source_file;  ///< base name, e.g. "IOServicePM.cpp"
  std::optional<std::uint32_t> source_line;
  std::string reporter;  ///< who wrote the head line: "panic", "debugger", "DCP"…
  std::optional<Sourced<std::uint32_t>> cpu;
  std::optional<Sourced<Address>> caller;
  std::optional<Sourced<std::uint64_t>> flags;       ///< panicFlags / macOSPanicFlags
  bool flags_are_intel = false;                      ///< the two have different bit layouts
  std::optional<Sourced<std::string>> process_name;  ///< of the panicked task
  std::optional<Sourced<ProcessId>> process;
  std::optional<Sourced<ThreadId>> thread;
  std::optional<Sourced<Address>> thread_pointer;
  KernelLayout layout;
  PanicTimes times;
  std::vector<RegisterSet> registers;
  std::vector<Backtrace> backtraces;
  std::vector<Core> cores;
  std::vector<Kext> kexts;
  std::vector<Dext> dexts;
  std::vector<NestedPanic> nested;
  SourceRef where;  ///< of the panic text
};

}  // namespace panicscan
