#include <algorithm>
#include <set>

#include "analysis/wait_publish.h"
#include "base/text.h"
#include "model/driver_extension.h"
#include "model/names.h"
#include "model/vendor.h"

// Rings of waits: in words, step by step, and as the fact wait.cycle.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"length", ValueType::number, "how many threads form the ring"},
    {"threads", ValueType::list,
     "the ids of the first 64, each waits for the next, the last for the first"},
    {"processes", ValueType::list, "names of the processes they belong to, each once"},
    {"kinds", ValueType::list, "what they wait for, each kind once: kernel_mutex, turnstile…"},
    {"shape", ValueType::text,
     "kernel-locks, user-locks, locks (of both sorts), queues, lock-and-queue, call (one waits for "
     "the answer of a driver extension), self (one thread) or mixed"},
    {"sureness", ValueType::text,
     "of the weakest link: reported (the kernel says so), evident or weak"},
    {"crosses_processes", ValueType::boolean, "whether the threads are of several processes"},
    {"behind", ValueType::number, "threads that wait for the ring without being part of it"},
    {"dext", ValueType::text, "the first driver extension in the ring, if there is one"},
    {"dext_vendor", ValueType::text, "apple or third_party"},
    {"queues", ValueType::list, "labels of the dispatch queues that its threads serve"},
    {"functions", ValueType::list,
     "of each thread the innermost function that is not the system's, when there are names"},
};

/// More than anybody reads; a longer ring was not made by a kernel.
constexpr std::size_t kMostSteps = 64, kMostExplained = 256;

enum class Sort { lock, kernel_lock, queue, call, other };

Sort sort_of(const WaitGraph& graph, const WaitLink& link, const std::set<std::uint64_t>& callers,
             const Report& report) {
  const WaitNode& from = graph.nodes[link.from.value];
  if (from.kind == WaitNodeKind::thread && callers.contains(from.id)) return Sort::call;
  if (from.kind == WaitNodeKind::queue || graph.nodes[link.to.value].kind == WaitNodeKind::queue)
    return Sort::queue;
  switch (link.kind) {
    case WaitKind::kernel_mutex:
    case WaitKind::rwlock_read:
    case WaitKind::rwlock_write:
    case WaitKind::rwlock_upgrade:
      return Sort::kernel_lock;
    case WaitKind::user_lock:
    case WaitKind::pthread_mutex:
    case WaitKind::pthread_rwlock_read:
    case WaitKind::pthread_rwlock_write:
      return Sort::lock;
    case WaitKind::workloop:
      return Sort::queue;
    default:
      break;
  }
  const bool is_lock =
      from.kind == WaitNodeKind::lock || graph.nodes[link.to.value].kind == WaitNodeKind::lock;
  if (!is_lock) return Sort::other;
  const bool in_kernel = from.process && report.processes[from.process->value].id.value == 0;
  return in_kernel ? Sort::kernel_lock : Sort::lock;
}

std::string_view shape_of(std::size_t threads, const std::set<Sort>& sorts) {
  const auto has = [&](Sort sort) { return sorts.contains(sort); };
  const bool locks = has(Sort::lock) || has(Sort::kernel_lock);
  if (threads == 1) return "self";
  if (has(Sort::call)) return "call";
  if (has(Sort::other)) return "mixed";
  if (has(Sort::queue)) return locks ? "lock-and-queue" : "queues";
  if (has(Sort::lock) && has(Sort::kernel_lock)) return "locks";
  return has(Sort::kernel_lock) ? "kernel-locks" : "user-locks";
}

std::string object_words(const WaitLink& link) {
  std::string text(to_string(link.kind));
  std::ranges::replace(text, '_', ' ');
  if (link.object) text += " " + hex(link.object->value);
  return text;
}

/// "thread 101 of a (pid 9) holds kernel mutex 0xa1, waits for thread 102 of a (pid 9)"
void explain(const Report& report, const WaitGraph& graph, WaitCycle& cycle) {
  const std::size_t count = cycle.nodes.size();
  for (std::size_t i = 0; i < std::min(count, kMostSteps); ++i) {
    const WaitNode& node = graph.nodes[cycle.nodes[i].value];
    const WaitLink& out = graph.links[cycle.links[i].value];
    const WaitLink& in = graph.links[cycle.links[(i + count - 1) % count].value];
    std::string text = words(report, node);
    const bool holds = in.object && in.kind != WaitKind::turnstile && in.kind != WaitKind::workloop;
    if (node.kind == WaitNodeKind::thread && node.thread &&
        !report.threads[node.thread->value].queue.empty())
      text += ", which serves queue " + report.threads[node.thread->value].queue + ",";
    if (holds) text += " holds " + object_words(in) + " and";
    const bool acts = node.kind == WaitNodeKind::thread;
    text += (acts ? " waits for " : " needs ") + words(report, graph.nodes[out.to.value]);
    text += " (" + std::string(reason_of(report, out)) + ")";
    cycle.steps.push_back(std::move(text));
  }
}

void add_unique(std::vector<std::string>& list, std::string text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

Fact cycle_fact(const Report& report, const Inference& inference,
                const std::set<std::uint64_t>& callers, const WaitGraph& graph,
                const Deadlock& deadlock, const WaitCycle& cycle) {
  Fact fact(kCycleSchema);
  fact.origin = cycle.sureness == WaitSureness::reported ? Origin::reported : Origin::inferred;
  std::vector<std::string> threads, processes, kinds, queues, functions;
  std::set<std::uint32_t> seen;
  std::set<Sort> sorts;
  std::size_t length = 0;
  const Process* dext = nullptr;
  for (std::size_t i = 0; i < cycle.nodes.size(); ++i) {
    const WaitNode& node = graph.nodes[cycle.nodes[i].value];
    const WaitLink& link = graph.links[cycle.links[i].value];
    add_unique(kinds, std::string(to_string(link.kind)));
    sorts.insert(sort_of(graph, link, callers, report));
    length += node.kind == WaitNodeKind::thread ? 1 : 0;
    if (i >= cycle.steps.size()) continue;
    if (node.kind == WaitNodeKind::thread) threads.push_back(std::to_string(node.id));
    if (node.thread) {
      add_unique(queues, report.threads[node.thread->value].queue);
      if (const ThreadWork* work = inference.of(*node.thread)) add_unique(functions, work->own);
    }
    if (node.process) {
      const Process& process = report.processes[node.process->value];
      seen.insert(node.process->value);
      add_unique(processes, process.name);
      if (dext == nullptr && is_driver_extension(process)) dext = &process;
    }
    Evidence evidence{cycle.steps[i], {}, link.frame, {}};
    if (link.wait) evidence.where = report.waits[link.wait->value].where;
    if (node.kind == WaitNodeKind::thread) evidence.thread = ThreadId{node.id};
    fact.because.push_back(std::move(evidence));
    fact.decoded.push_back({std::to_string(i + 1) + ".", words(report, node), cycle.steps[i]});
  }
  if (!deadlock.behind.empty())
    fact.decoded.push_back({"behind", std::to_string(deadlock.behind.size()),
                            "threads that wait for the ring without being part of it"});
  fact.set("shape", Value::text(std::string(shape_of(length, sorts))));
  fact.set("length", Value::number(length));
  fact.set("threads", Value::list(std::move(threads)));
  fact.set("processes", Value::list(std::move(processes)));
  fact.set("kinds", Value::list(std::move(kinds)));
  fact.set("sureness", Value::text(std::string(to_string(cycle.sureness))));
  fact.set("crosses_processes", Value::boolean(seen.size() > 1));
  fact.set("behind", Value::number(deadlock.behind.size()));
  if (dext != nullptr) {
    fact.set("dext", Value::text(dext->name));
    fact.set("dext_vendor", Value::text(is_apple(dext->name) ? "apple" : "third_party"));
  }
  if (!queues.empty()) fact.set("queues", Value::list(std::move(queues)));
  if (!functions.empty()) fact.set("functions", Value::list(std::move(functions)));
  return fact;
}

}  // namespace

constinit const FactSchema kCycleSchema{
    "wait.cycle", "Threads of which each waits for the next, and the last for the first.", kFields};

void publish_cycles(const WaitBuilder& builder, const Inference& inference, WaitGraph& graph,
                    Facts& facts) {
  constexpr std::size_t kMostFacts = 32;
  const Report& report = builder.report();
  std::set<std::uint64_t> callers;
  for (const RpcCall& call : inference.calls)
    callers.insert(report.threads[call.thread.value].id.value);
  std::size_t published = 0;
  for (Deadlock& deadlock : graph.deadlocks) {
    for (WaitCycle& cycle : deadlock.cycles) {
      if (published < kMostExplained) explain(report, graph, cycle);
      if (published++ < kMostFacts)
        facts.all.push_back(cycle_fact(report, inference, callers, graph, deadlock, cycle));
    }
  }
}

}  // namespace panicscan::analysis
