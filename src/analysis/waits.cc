#include <algorithm>
#include <set>

#include "analysis/wait_builder.h"
#include "base/text.h"
#include "model/names.h"

// Who waits for whom, and which of them wait for one another: Facts::waits, and a fact for each
// ring. The graph is built by wait_edges_*.cc and searched by wait_components.cc, wait_chains.cc.

namespace panicscan::analysis {
namespace {

constexpr FactField kCycleFields[] = {
    {"length", ValueType::number, "how many threads form the ring"},
    {"threads", ValueType::list, "their ids, each waits for the next, the last for the first"},
    {"processes", ValueType::list, "names of the processes they belong to, each once"},
    {"kinds", ValueType::list, "what they wait for, each kind once: kernel_mutex, turnstile…"},
    {"sureness", ValueType::text,
     "of the weakest link: reported (the kernel says so), evident or weak"},
    {"crosses_processes", ValueType::boolean, "whether the threads are of several processes"},
    {"behind", ValueType::number, "threads that wait for the ring without being part of it"},
};
constexpr FactSchema kCycleSchema{
    "wait.cycle", "Threads of which each waits for the next, and the last for the first.",
    kCycleFields};
constexpr const FactSchema* kSchemas[] = {&kCycleSchema};

std::string object_words(const WaitLink& link) {
  std::string text(to_string(link.kind));
  std::ranges::replace(text, '_', ' ');
  if (link.object) text += " " + hex(link.object->value);
  return text;
}

/// "thread 101 of a (pid 9) holds kernel mutex 0xa1, waits for kernel mutex 0xb2"
void explain(const Report& report, const WaitGraph& graph, WaitCycle& cycle) {
  const std::size_t count = cycle.nodes.size();
  for (std::size_t i = 0; i < count; ++i) {
    const WaitNode& node = graph.nodes[cycle.nodes[i].value];
    const WaitLink& out = graph.links[cycle.links[i].value];
    const WaitLink& in = graph.links[cycle.links[(i + count - 1) % count].value];
    std::string text = words(report, node);
    if (in.object && in.kind != WaitKind::turnstile) text += " holds " + object_words(in) + ",";
    text += " waits for " + words(report, graph.nodes[out.to.value]);
    text += " (" + std::string(reason_of(report, out)) + ")";
    cycle.steps.push_back(std::move(text));
  }
}

void add_unique(std::vector<std::string>& list, std::string text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

Fact cycle_fact(const Report& report, const WaitGraph& graph, const Deadlock& deadlock,
                const WaitCycle& cycle) {
  Fact fact(kCycleSchema);
  fact.origin = cycle.sureness == WaitSureness::reported ? Origin::reported : Origin::inferred;
  std::vector<std::string> threads, processes, kinds;
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < cycle.nodes.size(); ++i) {
    const WaitNode& node = graph.nodes[cycle.nodes[i].value];
    const WaitLink& link = graph.links[cycle.links[i].value];
    add_unique(kinds, std::string(to_string(link.kind)));
    if (node.kind == WaitNodeKind::thread) threads.push_back(std::to_string(node.id));
    if (node.process) {
      seen.insert(node.process->value);
      add_unique(processes, report.processes[node.process->value].name);
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
  fact.set("length", Value::number(threads.size()));
  fact.set("threads", Value::list(std::move(threads)));
  fact.set("processes", Value::list(std::move(processes)));
  fact.set("kinds", Value::list(std::move(kinds)));
  fact.set("sureness", Value::text(std::string(to_string(cycle.sureness))));
  fact.set("crosses_processes", Value::boolean(seen.size() > 1));
  fact.set("behind", Value::number(deadlock.behind.size()));
  return fact;
}

void run(const Input& input, Facts& facts) {
  constexpr std::size_t kMostFacts = 32;
  if (input.report.waits.empty()) return;
  WaitBuilder builder(input);
  add_reported_links(builder);
  add_candidates(builder);
  WaitGraph& graph = builder.graph();
  find_deadlocks(graph);
  find_chains(builder, graph);
  std::size_t published = 0;
  for (Deadlock& deadlock : graph.deadlocks) {
    for (WaitCycle& cycle : deadlock.cycles) {
      explain(input.report, graph, cycle);
      if (published++ < kMostFacts)
        facts.all.push_back(cycle_fact(input.report, graph, deadlock, cycle));
    }
  }
  facts.waits = std::move(graph);
}

}  // namespace

constinit const Analysis kWaits{"waits", kSchemas, run};

}  // namespace panicscan::analysis
