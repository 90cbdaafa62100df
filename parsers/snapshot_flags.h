#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_tree.h"

namespace panicscan::parsers {

/// A bit of a flag word and the name that report writers use for it.
struct FlagName {
  std::uint64_t bit;
  std::string_view name;
};

/// Bits of a thread's state. Source: xnu osfmk/kern/thread.h, TH_*.
std::span<const FlagName> thread_state_names();
/// Bits of a thread snapshot's flags. Source: xnu osfmk/kern/debug.h, enum thread_snapshot_flags.
std::span<const FlagName> thread_flag_names();
/// Bits of a task snapshot's flags. Source: xnu osfmk/kern/debug.h, enum task_snapshot_flags,
/// spelled as the system's own writer does.
std::span<const FlagName> task_flag_names();

/// Reads flags in any of their forms: ["TH_WAIT", "TH_UNINT"], 9, "0x9"; appends to `flags`.
/// Bits without a name are kept together as one hex number.
void read_flags(JsonValue value, std::span<const FlagName> names, std::vector<std::string>& flags);

}  // namespace panicscan::parsers
