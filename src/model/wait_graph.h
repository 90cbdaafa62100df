#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source_ref.h"
#include "model/ids.h"
#include "model/thread.h"
#include "model/wait.h"

namespace panicscan {

struct Report;

/// Where a fact comes from: said by the report, or concluded by us.
enum class Origin { reported, inferred };

/// What waits, or is waited for.
enum class WaitNodeKind {
  thread,
  process,  ///< any one of its threads may be the one that must act
  lock,     ///< a lock, semaphore or condition; only when the report names no owner
  port,
  queue,  ///< a dispatch queue of a process
  entry,  ///< an entry of the I/O registry that is busy
};

struct WaitNode {
  WaitNodeKind kind = WaitNodeKind::thread;
  std::uint64_t id =
      0;             ///< thread id, process id, or the object's hash; 0 for what has a name only
  std::string name;  ///< queue label, registry entry, "the lock taken in f"; else empty
  std::optional<Index<Thread>> thread;    ///< when the stackshot has it
  std::optional<Index<Process>> process;  ///< the process itself, or that of thread or queue
};

/// What a link means for the one who waits.
enum class WaitStrength {
  blocks,     ///< `from` cannot go on before `to` acts
  may_block,  ///< `to` made the object; who must act is not said
  object,     ///< `to` is only the object itself
};

/// How sure a link or a cycle is; that of a cycle is the least of its links.
enum class WaitSureness {
  reported,  ///< the kernel says so
  evident,   ///< concluded from frames or labels that leave one answer
  weak,      ///< concluded by exclusion or naming
};

/// An edge of the graph: `from` waits for `to`.
struct WaitLink {
  Index<WaitNode> from, to;
  WaitKind kind = WaitKind::other;
  WaitStrength strength = WaitStrength::blocks;
  WaitSureness sureness = WaitSureness::reported;
  std::optional<ObjectId> object;
  std::optional<Index<WaitEdge>> wait;  ///< the line of the report that says so
  std::optional<Index<Frame>> frame;    ///< the frame it was concluded from
  std::string text;                     ///< why it was concluded; empty when a line says it

  Origin origin() const {
    return sureness == WaitSureness::reported ? Origin::reported : Origin::inferred;
  }
};

/// Why a line of waitInfo or turnstileInfo leads to no thread and no process.
enum class WaitGapReason {
  event_loop,        ///< a port set: it waits for work
  any_sender,        ///< a message; who sends it is not said
  unknown_owner,     ///< the kernel did not know
  no_owner_kept,     ///< the kernel keeps none for this kind
  readers,           ///< a lock held by readers, which are not recorded
  in_transition,     ///< the object was being changed
  nobody_holds,      ///< free, or in spin mode
  suspended_queue,   ///< the dispatch queue is suspended
  thread_requested,  ///< the queue waits for a worker thread
  any_of_many,       ///< any child, a process group
  unknown_inheritor,
  no_turnstile,
  parked,          ///< an idle worker
  vm_object,       ///< a page or a map; who works on it is not said
  unknown_phrase,  ///< a phrase nobody knows
};

struct WaitGap {
  Index<WaitEdge> wait;
  WaitGapReason reason = WaitGapReason::unknown_phrase;
};

/// A ring: each node waits for the next one, the last for the first.
struct WaitCycle {
  std::vector<Index<WaitNode>> nodes;
  std::vector<Index<WaitLink>> links;  ///< links[i] leads from nodes[i]
  WaitSureness sureness = WaitSureness::reported;
  std::vector<std::string> steps;  ///< one sentence for each thread of the ring
};

/// Nodes none of which can ever go on, because each waits for another one of them.
struct Deadlock {
  std::vector<Index<WaitNode>> members;  ///< of the strongly connected component, ascending
  std::vector<WaitCycle> cycles;         ///< small ones that together cover the members
  std::vector<Index<WaitNode>> behind;   ///< threads that wait for a member but are none
};

/// What is at the end of a chain of waits.
enum class ChainEnd {
  running,
  suspended,
  exiting,
  idle,       ///< waits for work, as far as the report tells
  waiting,    ///< waits, and for whom is not known
  not_there,  ///< the report does not have this thread or process
  process,    ///< a process; which of its threads must act is not said
  object,     ///< an object without a known owner
  launching,  ///< a driver extension that has not checked in yet
};

/// A line of waits that ends.
struct WaitChain {
  std::vector<Index<WaitNode>> nodes;  ///< the longest way to the end
  std::vector<Index<WaitLink>> links;
  ChainEnd end = ChainEnd::waiting;
  std::uint32_t waiters = 0;  ///< all threads that wait for the end, directly or not
  std::uint32_t direct = 0;   ///< of those the ones that wait for it directly
  WaitSureness sureness = WaitSureness::reported;
};

/// Who waits for whom.
struct WaitGraph {
  std::vector<WaitNode> nodes;
  std::vector<WaitLink> links;  ///< those with a line first, in the order of the report
  std::vector<WaitGap> gaps;    ///< ascending by line
  std::vector<Deadlock> deadlocks;
  std::vector<WaitChain> chains;  ///< the most telling first; at most a few dozen
};

/// "waits for a message; the report does not say who sends it"
std::string_view meaning(WaitGapReason reason);
/// "ends in a thread that runs", and what would settle what it is about.
std::string_view meaning(ChainEnd end);
std::string_view what_would_settle(ChainEnd end);

/// Why a link is there: the line of the report, or the sentence that concludes it.
std::string_view reason_of(const Report& report, const WaitLink& link);
/// "thread 101 of com.example.driver (pid 9)", "queue Example-Default", "kernel mutex 0xa1".
std::string words(const Report& report, const WaitNode& node);

}  // namespace panicscan
