#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace panicscan::parsers {

/// The line a panic begins with: "panic(cpu 3 caller 0xfffffe00240b1238): what happened".
struct PanicHead {
  std::string_view prefix;   ///< what stands before it on the line (a log prefix, a JSON key)
  std::string_view cpu;      ///< "3", or whatever stands for it; empty when left out
  std::string_view caller;   ///< "0xfffffe…", or whatever stands for it; empty when left out
  std::string_view message;  ///< the rest of the line
};

/// Finds a head line, in the spelling of any release; nothing when the line is none.
///
/// `anywhere` also finds it behind other text; otherwise only blanks or a short quoted key may
/// come before it. "panic: message" (as people quote it) counts only at the start of a line.
/// Source: xnu osfmk/kern/debug.c panic_trap_to_debugger(); %d and 0x%08lX in older releases.
std::optional<PanicHead> read_panic_head(std::string_view line, bool anywhere);

/// Who wrote a message that other firmware handed to the kernel: "DCP" for "DCP PANIC - …", "SEP"
/// for "SEP Panic: …", "SPTM" for "[SPTM] VIOLATION_…"; empty for the kernel's own messages.
std::string_view coprocessor_of(std::string_view message);

}  // namespace panicscan::parsers
