#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/case.h"

namespace panicscan::render {

/// Why a group of threads is shown before others; lower comes first.
enum class ThreadRank {
  panicked,    ///< the thread that panicked
  ring,        ///< part of a ring of waits
  own,         ///< of the user's own code: his process, or his code on the kernel stack
  suspect,     ///< of the process the culprit names, or of the panicked one
  driver,      ///< of a third-party driver extension, or with third-party code on its kernel stack
  caller,      ///< of the kernel: waits for a driver extension's answer, or for its launch
  apple_dext,  ///< of one of Apple's driver extensions
  waiting,     ///< waits for a thread or process that the report names
  on_core,     ///< ran in the kernel when the machine stopped
  blocked,     ///< in an uninterruptible wait, with a stack
  background,  ///< everything else
  idle,        ///< a worker without work
};

/// Threads in the same state with identical stacks. Those of driver extensions are never mixed
/// with those of other processes.
struct ThreadGroup {
  ThreadRank rank = ThreadRank::background;
  bool is_own = false;                 ///< of the user's own code
  std::vector<Index<Thread>> threads;  ///< in the order of the report
};

/// All threads in groups: by rank, in a ring one's own code first, then by size, then by order of
/// appearance.
std::vector<ThreadGroup> group_threads(const Case& subject);

/// "TH_WAIT, TH_UNINT", or "state unknown".
std::string state_words(const Thread& thread);

}  // namespace panicscan::render
