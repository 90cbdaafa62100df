#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/busy_registry.h"
#include "analysis/thread_work.h"
#include "analysis/wait_builder.h"

namespace panicscan::analysis {

/// A thread of the kernel that called a driver extension and waits for the answer.
struct RpcCall {
  Index<Thread> thread;
  std::string purpose;                  ///< "Stop", "SetPowerState"; empty without names
  std::optional<Index<Process>> dext;   ///< nothing: no way to tell which one
  std::optional<Index<Thread>> server;  ///< the thread of it that executes the call
  WaitSureness sureness = WaitSureness::reported;
  std::string text;  ///< why it is that one
  std::optional<Index<Frame>> frame;
  std::optional<Index<WaitEdge>> wait;
  bool is_terminating = false;  ///< on the one thread that terminates services
};

/// A wait of which something is known, but not whom it is for.
struct MissingLink {
  Index<Thread> thread;
  Doing doing = Doing::unknown;
  std::string says;     ///< what is known, and what is not
  std::string settles;  ///< what would tell
};

/// What was concluded from names and labels.
struct Inference {
  std::vector<ThreadWork> work;  ///< ascending by thread
  std::vector<RpcCall> calls;
  std::vector<MissingLink> missing;

  /// Null when nothing is known of that thread.
  const ThreadWork* of(Index<Thread> thread) const;
};

/// A thread that works for a busy entry of the I/O registry.
struct BusyWork {
  std::size_t entry = 0;  ///< in BusyRegistry::entries
  Index<Thread> thread;
  std::string says;                                ///< behind the thread: "is inside ExampleDriver"
  std::string method;                              ///< that it executes, or calls
  WaitSureness sureness = WaitSureness::reported;  ///< that it does; reported: its stack says so
};

/// The busy entries that a panic names, and who works for them.
struct BusyRegistry {
  std::vector<BusyEntry> entries;
  std::vector<BusyWork> work;  ///< ascending by thread
};

/// Adds links from busy entries to the threads that work for them, and to busy entries from the
/// threads that wait for a quiet registry.
BusyRegistry add_registry_links(WaitBuilder& builder, const Inference& inference,
                                const Facts& facts);

/// Adds links that the report does not state but that names and labels leave no doubt of, or only
/// one candidate for. What has neither gets none.
Inference add_inferred_links(WaitBuilder& builder);

}  // namespace panicscan::analysis
