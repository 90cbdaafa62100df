#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/analysis.h"
#include "model/wait_graph.h"

namespace panicscan::analysis {

/// What a thread does, as far as its state words and its place tell.
enum class Activity { waiting, running, suspended, exiting, parked };

/// Grows a wait-for graph: finds or makes nodes, adds links.
///
/// Nodes for locks are made per kind and object: the same number in waits of different kinds is an
/// accident, since the names of objects are hashes.
class WaitBuilder {
 public:
  explicit WaitBuilder(const Input& input);

  const Input& input() const { return input_; }
  const Report& report() const { return input_.report; }
  WaitGraph& graph() { return graph_; }

  Index<WaitNode> thread(ThreadId id);
  Index<WaitNode> process(ProcessId id);
  Index<WaitNode> object(WaitNodeKind kind, ObjectId id, WaitKind wait);
  /// The dispatch queue of that label in a process.
  Index<WaitNode> queue(Index<Process> process, const std::string& label);
  /// Something that has only a name, and perhaps a process.
  Index<WaitNode> named(WaitNodeKind kind, const std::string& name,
                        std::optional<Index<Process>> process = std::nullopt);
  void link(WaitLink link) { graph_.links.push_back(std::move(link)); }
  /// A link that the report does not state: how sure, the frame that shows it, why in words.
  void link(Index<WaitNode> from, Index<WaitNode> to, WaitSureness sureness,
            std::optional<Index<Frame>> frame, std::string text,
            WaitStrength strength = WaitStrength::blocks);

  Activity activity(Index<Thread> thread) const { return activity_[thread.value]; }
  const Process& process_of(const Thread& thread) const {
    return report().processes[thread.process.value];
  }

 private:
  Index<WaitNode> add(WaitNode node);

  const Input& input_;
  WaitGraph graph_;
  std::unordered_map<std::uint64_t, std::uint32_t> thread_index_;  ///< tid → Report::threads
  std::unordered_map<std::int64_t, std::uint32_t> process_index_;  ///< pid → Report::processes
  std::unordered_map<std::uint64_t, std::uint32_t> thread_nodes_, process_nodes_;
  std::unordered_map<std::uint64_t, std::uint32_t> objects_[32];  ///< by wait kind
  std::map<std::pair<std::uint64_t, std::string>, std::uint32_t> named_;
  std::vector<Activity> activity_;
};

// wait_edges_reported.cc
/// A link or a stated reason for every line of waitInfo and turnstileInfo.
void add_reported_links(WaitBuilder& builder);
// wait_edges_process.cc
/// From each process that must act to the threads of it that can: one of them is enough.
void add_candidates(WaitBuilder& builder);
// wait_components.cc
/// Fills in the deadlocks and what waits behind them.
void find_deadlocks(WaitGraph& graph);
// wait_chains.cc
/// Fills in the chains that end.
void find_chains(const WaitBuilder& builder, WaitGraph& graph);
/// A link as one of its ends sees it.
struct WaitArc {
  std::uint32_t node = 0;  ///< the other end
  std::uint32_t link = 0;  ///< in WaitGraph::links
};
/// Links by one of their ends: arcs[i] of node n for i in [begin[n], begin[n + 1]).
struct WaitAdjacency {
  std::vector<std::uint32_t> begin;
  std::vector<WaitArc> arcs;
  std::span<const WaitArc> of(std::uint32_t node) const {
    return std::span(arcs).subspan(begin[node], begin[node + 1] - begin[node]);
  }
};
/// Only links that block; `reverse`: by the node they lead to.
WaitAdjacency blocking_links(const WaitGraph& graph, bool reverse);
/// For each node whether it can ever go on: not when all it waits for cannot. `order` is given the
/// nodes that can, each behind what it waits for.
std::vector<bool> nodes_that_can_go_on(const WaitGraph& graph, const WaitAdjacency& out,
                                       std::vector<std::uint32_t>& order);

}  // namespace panicscan::analysis
