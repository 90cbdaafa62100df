#include <algorithm>

#include "analysis/wait_builder.h"

// A thread that waits for a process ("turnstile blocked on task pid 900") waits for one of its
// threads, and mostly nobody says for which. So a process goes on as soon as one of the threads
// goes on that could be meant: those with a dispatch queue if there are such, else all that are not
// parked. A ring through a process is a deadlock only if none of them can.

namespace panicscan::analysis {
namespace {

/// With more threads at work than this, one of them is able to go on.
constexpr std::size_t kMostCandidates = 64;

std::vector<Index<Thread>> threads_at_work(const WaitBuilder& builder, const Process& process) {
  std::vector<Index<Thread>> with_queue, others;
  for (std::uint32_t i = process.threads.begin; i < process.threads.end; ++i) {
    const Thread& thread = builder.report().threads[i];
    if (builder.activity({i}) == Activity::parked) continue;
    (thread.queue.empty() ? others : with_queue).push_back({i});
  }
  return with_queue.empty() ? others : with_queue;
}

}  // namespace

void add_candidates(WaitBuilder& builder) {
  WaitGraph& graph = builder.graph();
  std::vector<Index<WaitNode>> wanted;
  for (const WaitLink& link : graph.links)
    if (link.strength == WaitStrength::blocks &&
        graph.nodes[link.to.value].kind == WaitNodeKind::process)
      wanted.push_back(link.to);
  std::ranges::sort(wanted);
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());

  for (const Index<WaitNode> node : wanted) {
    const auto index = graph.nodes[node.value].process;
    // Of the kernel's own threads, some can always go on.
    if (!index || builder.report().processes[index->value].id.value == 0) continue;
    const auto threads = threads_at_work(builder, builder.report().processes[index->value]);
    if (threads.size() > kMostCandidates) continue;
    for (const Index<Thread> thread : threads) {
      const Thread& candidate = builder.report().threads[thread.value];
      WaitLink link;
      link.from = node;
      link.to = builder.thread(candidate.id);
      link.sureness = threads.size() == 1 ? WaitSureness::evident : WaitSureness::weak;
      link.text = threads.size() == 1 ? "the only thread of that process that is at work"
                                      : "one of the " + std::to_string(threads.size()) +
                                            " threads of that process that are at work";
      if (!candidate.queue.empty()) link.text += "; it serves queue " + candidate.queue;
      builder.link(std::move(link));
    }
  }
}

}  // namespace panicscan::analysis
