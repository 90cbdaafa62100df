#include "render/thread_groups.h"

#include <algorithm>
#include <map>

#include "model/driver_extension.h"
#include "render/case_view.h"

namespace panicscan::render {
namespace {

bool has_state(const Thread& thread, std::string_view state) {
  return std::ranges::find(thread.state, state) != thread.state.end();
}

bool has_third_party_kernel_frame(const Case& subject, const Thread& thread) {
  for (std::uint32_t i = thread.kernel_stack.begin; i < thread.kernel_stack.end; ++i) {
    const Placement* place = placement_of(subject, i);
    if (place != nullptr && place->in_kernel_space && is_third_party(place->image)) return true;
  }
  return false;
}

bool is_own_code(const Case& subject, const Thread& thread, const Process& process) {
  if (!subject.owners.knows_own()) return false;
  if (subject.owners.is_own(process.name)) return true;
  for (const IndexRange<Frame> stack : {thread.kernel_stack, thread.user_stack})
    for (std::uint32_t i = stack.begin; i < stack.end; ++i)
      if (is_own_frame(subject, i)) return true;
  return false;
}

/// Whether a process is the one to look at: the one the culprit names, or the panicked one, unless
/// that is the kernel or only carried the message.
bool is_suspect(const Case& subject, const Thread& thread, const Process& process) {
  const Culprit& culprit = subject.facts.culprit;
  if (!process.name.empty() && (process.name == culprit.bundle || process.name == culprit.image))
    return process.id.value != 0;
  const auto panicked = subject.facts.panicked_thread;
  return panicked && process.id.value != 0 && culprit.messenger.empty() &&
         subject.report.threads[panicked->value].process == thread.process;
}

/// The threads that wait for somebody, sorted.
std::vector<ThreadId> blocked_waiters(const Report& report) {
  std::vector<ThreadId> waiters;
  for (const WaitEdge& wait : report.waits)
    if (!std::holds_alternative<Nobody>(wait.owner)) waiters.push_back(wait.waiter);
  std::ranges::sort(waiters);
  return waiters;
}

/// Threads that the analysis points at, sorted.
struct Pointed {
  std::vector<std::uint64_t> ring, callers;
};

Pointed pointed_at(const Facts& facts) {
  Pointed pointed;
  for (const Deadlock& deadlock : facts.waits.deadlocks)
    for (const Index<WaitNode> member : deadlock.members)
      if (facts.waits.nodes[member.value].kind == WaitNodeKind::thread)
        pointed.ring.push_back(facts.waits.nodes[member.value].id);
  for (const Fact& fact : facts.all) {
    if (fact.schema->name != "dext.call" && fact.schema->name != "dext.launch") continue;
    if (const Value* thread = fact.find("thread"))
      pointed.callers.push_back(thread->as_number().value_or(0));
  }
  std::ranges::sort(pointed.ring);
  std::ranges::sort(pointed.callers);
  return pointed;
}

/// A worker thread of a pool that waits to be given work.
/// Source: xnu bsd/pthread/pthread_workqueue.c; the flag is kcdata's kThreadIdleWorker.
bool is_idle(const Case& subject, const Thread& thread) {
  if (std::ranges::find(thread.flags, "kThreadIdleWorker") != thread.flags.end()) return true;
  if (!thread.queue.empty() || thread.user_stack.empty()) return false;
  const auto names = subject.symbols.of({thread.user_stack.begin});
  return !names.empty() && names.front().function.ends_with("workq_kernreturn");
}

ThreadRank rank_of(const Case& subject, Index<Thread> index, const Thread& thread,
                   const Process& process, const std::vector<ThreadId>& waiters,
                   const Pointed& pointed) {
  if (subject.facts.panicked_thread == index) return ThreadRank::panicked;
  if (std::ranges::binary_search(pointed.ring, thread.id.value)) return ThreadRank::ring;
  if (std::ranges::binary_search(pointed.callers, thread.id.value)) return ThreadRank::caller;
  if (is_idle(subject, thread)) return ThreadRank::idle;
  if (is_own_code(subject, thread, process)) return ThreadRank::own;
  if (is_suspect(subject, thread, process)) return ThreadRank::suspect;
  if (is_driver_extension(process))
    return is_apple(process.name) ? ThreadRank::apple_dext : ThreadRank::driver;
  if (has_third_party_kernel_frame(subject, thread)) return ThreadRank::driver;
  if (std::ranges::binary_search(waiters, thread.id)) return ThreadRank::waiting;
  const bool runs = has_state(thread, "TH_RUN") && !has_state(thread, "TH_IDLE");
  if (runs && !thread.kernel_stack.empty()) return ThreadRank::on_core;
  if (has_state(thread, "TH_UNINT") && !thread.kernel_stack.empty()) return ThreadRank::blocked;
  return ThreadRank::background;
}

/// What the threads of one group have in common.
struct Signature {
  std::string state;
  std::vector<std::uint64_t> numbers;  ///< rank, process if that matters, stacks
  friend auto operator<=>(const Signature&, const Signature&) = default;
};

Signature signature_of(const Case& subject, ThreadRank rank, const Thread& thread) {
  const bool keeps_process = rank <= ThreadRank::apple_dext;
  Signature signature{state_words(thread),
                      {static_cast<std::uint64_t>(rank),
                       keeps_process ? std::uint64_t{thread.process.value} + 1 : 0}};
  for (const IndexRange<Frame> stack : {thread.kernel_stack, thread.user_stack}) {
    signature.numbers.push_back(stack.size());
    for (std::uint32_t i = stack.begin; i < stack.end; ++i)
      signature.numbers.push_back(subject.report.frames[i].address.value);
  }
  if (thread.continuation) signature.numbers.push_back(thread.continuation->address.value);
  return signature;
}

}  // namespace

std::vector<ThreadGroup> group_threads(const Case& subject) {
  const Report& report = subject.report;
  const auto waiters = blocked_waiters(report);
  const Pointed pointed = pointed_at(subject.facts);
  std::vector<ThreadGroup> groups;
  std::map<Signature, std::size_t> known;
  for (std::uint32_t i = 0; i < report.threads.size(); ++i) {
    const Thread& thread = report.threads[i];
    const ThreadRank rank =
        rank_of(subject, {i}, thread, report.processes[thread.process.value], waiters, pointed);
    const auto [at, is_new] = known.try_emplace(signature_of(subject, rank, thread), groups.size());
    if (is_new)
      groups.push_back(
          {rank, is_own_code(subject, thread, report.processes[thread.process.value]), {}});
    groups[at->second].threads.push_back({i});
  }
  std::ranges::stable_sort(groups, [](const ThreadGroup& a, const ThreadGroup& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.rank == ThreadRank::ring && a.is_own != b.is_own) return a.is_own;
    // Of what only ran or waits, the odd one out is worth more than the crowd.
    if (a.rank < ThreadRank::background) return false;
    return a.threads.size() > b.threads.size();
  });
  return groups;
}

std::string state_words(const Thread& thread) {
  std::string words;
  for (const std::string& state : thread.state) words += (words.empty() ? "" : ", ") + state;
  return words.empty() ? "state unknown" : words;
}

}  // namespace panicscan::render
