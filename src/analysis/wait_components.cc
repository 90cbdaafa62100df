#include <algorithm>
#include <deque>

#include "analysis/wait_builder.h"

// Deadlocks, in two steps.
//
// 1. Reduction. Whatever waits for nothing can go on; so can a thread when all it waits for can,
//    and a process or queue when one of its threads can. Repeated until nothing changes, what is
//    left can never go on. (Holt, "Some deadlock properties of computer systems", 1972; threads are
//    AND nodes, processes and queues OR nodes.) A convoy, a diamond or a busy process vanish here,
//    so there are no false rings.
// 2. The strongly connected components of the rest (Tarjan, without recursion) are the deadlocks;
//    everything else that is left waits behind one of them.

namespace panicscan::analysis {
namespace {

bool needs_only_one(const WaitNode& node) {
  return node.kind == WaitNodeKind::process || node.kind == WaitNodeKind::queue;
}

/// Tarjan's algorithm on the stuck part of the graph.
class Components {
 public:
  Components(const WaitGraph& graph, const WaitAdjacency& out, const std::vector<bool>& can_go_on)
      : graph_(graph),
        out_(out),
        can_(can_go_on),
        order_(graph.nodes.size()),
        low_(graph.nodes.size()),
        on_stack_(graph.nodes.size()) {}

  /// Components that hold a ring, each ascending.
  std::vector<std::vector<std::uint32_t>> find() {
    for (std::uint32_t node = 0; node < graph_.nodes.size(); ++node)
      if (!can_[node] && order_[node] == 0) visit(node);
    std::ranges::sort(found_);
    return std::move(found_);
  }

 private:
  struct Call {
    std::uint32_t node;
    std::size_t next = 0;
  };

  void enter(std::uint32_t node) {
    order_[node] = low_[node] = ++count_;
    stack_.push_back(node);
    on_stack_[node] = true;
    calls_.push_back({node});
  }

  void visit(std::uint32_t start) {
    enter(start);
    while (!calls_.empty()) {
      Call& call = calls_.back();
      const std::uint32_t node = call.node;
      const auto arcs = out_.of(node);
      if (call.next < arcs.size()) {
        const std::uint32_t to = arcs[call.next++].node;
        if (can_[to]) continue;
        if (order_[to] == 0) {
          enter(to);
        } else if (on_stack_[to]) {
          low_[node] = std::min(low_[node], order_[to]);
        }
        continue;
      }
      if (low_[node] == order_[node]) leave_component(node);
      calls_.pop_back();
      if (!calls_.empty())
        low_[calls_.back().node] = std::min(low_[calls_.back().node], low_[node]);
    }
  }

  void leave_component(std::uint32_t root) {
    std::vector<std::uint32_t> members;
    do {
      members.push_back(stack_.back());
      on_stack_[stack_.back()] = false;
      stack_.pop_back();
    } while (members.back() != root);
    const bool waits_for_itself =
        std::ranges::any_of(out_.of(root), [&](const WaitArc& arc) { return arc.node == root; });
    if (members.size() == 1 && !waits_for_itself) return;
    std::ranges::sort(members);
    found_.push_back(std::move(members));
  }

  const WaitGraph& graph_;
  const WaitAdjacency& out_;
  const std::vector<bool>& can_;
  std::vector<std::uint32_t> order_, low_;
  std::vector<bool> on_stack_;
  std::vector<std::uint32_t> stack_;
  std::vector<Call> calls_;
  std::vector<std::vector<std::uint32_t>> found_;
  std::uint32_t count_ = 0;
};

/// The shortest ring through `start` inside its component.
class RingFinder {
 public:
  RingFinder(const WaitGraph& graph, const WaitAdjacency& out)
      : graph_(graph),
        out_(out),
        component_(graph.nodes.size(), kNone),
        came_by_(graph.nodes.size(), kNone) {}

  void set_component(std::span<const std::uint32_t> members, std::uint32_t number) {
    for (const std::uint32_t node : members) component_[node] = number;
  }
  std::uint32_t component(std::uint32_t node) const { return component_[node]; }
  static constexpr std::uint32_t kNone = UINT32_MAX;
  /// Whether so many links were followed that no more rings should be looked for.
  bool is_tired() const { return steps_ > 2 * graph_.links.size() + 1000; }

  WaitCycle ring_through(std::uint32_t start) {
    std::vector<std::uint32_t> queue{start};
    std::uint32_t closing = kNone;
    for (std::size_t at = 0; at < queue.size() && closing == kNone; ++at) {
      for (const auto& [to, link] : out_.of(queue[at])) {
        ++steps_;
        if (component_[to] != component_[start]) continue;
        if (to == start) {
          closing = link;
          break;
        }
        if (came_by_[to] != kNone) continue;
        came_by_[to] = link;
        queue.push_back(to);
      }
    }
    WaitCycle cycle;
    for (std::uint32_t link = closing; link != kNone;) {
      cycle.links.push_back({link});
      const std::uint32_t node = graph_.links[link].from.value;
      cycle.nodes.push_back({node});
      link = node == start ? kNone : came_by_[node];
    }
    std::ranges::reverse(cycle.links);
    std::ranges::reverse(cycle.nodes);
    for (const std::uint32_t node : queue) came_by_[node] = kNone;
    for (const Index<WaitLink> link : cycle.links)
      cycle.sureness = std::max(cycle.sureness, graph_.links[link.value].sureness);
    return cycle;
  }

 private:
  const WaitGraph& graph_;
  const WaitAdjacency& out_;
  std::size_t steps_ = 0;
  std::vector<std::uint32_t> component_;
  std::vector<std::uint32_t>
      came_by_;  ///< the link by which the search came, kNone between searches
};

constexpr std::size_t kMostRings = 8;  // of one component; its members are listed anyway

void add_rings(RingFinder& rings, Deadlock& deadlock) {
  std::vector<std::uint32_t> covered;
  for (const Index<WaitNode> member : deadlock.members) {
    if (deadlock.cycles.size() == kMostRings) return;
    if (!deadlock.cycles.empty() && rings.is_tired()) return;
    if (std::ranges::binary_search(covered, member.value)) continue;
    WaitCycle cycle = rings.ring_through(member.value);
    for (const Index<WaitNode> node : cycle.nodes) covered.push_back(node.value);
    std::ranges::sort(covered);
    deadlock.cycles.push_back(std::move(cycle));
  }
}

/// Each stuck thread that is in no component waits behind the nearest one.
void add_waiters_behind(WaitGraph& graph, const RingFinder& rings, const WaitAdjacency& in,
                        const std::vector<bool>& can_go_on) {
  std::vector<std::uint32_t> owner(graph.nodes.size(), RingFinder::kNone);
  std::deque<std::uint32_t> queue;
  for (std::uint32_t node = 0; node < graph.nodes.size(); ++node) {
    owner[node] = rings.component(node);
    if (owner[node] != RingFinder::kNone) queue.push_back(node);
  }
  for (; !queue.empty(); queue.pop_front()) {
    for (const auto& [from, link] : in.of(queue.front())) {
      if (can_go_on[from] || owner[from] != RingFinder::kNone) continue;
      owner[from] = owner[queue.front()];
      queue.push_back(from);
    }
  }
  for (std::uint32_t node = 0; node < graph.nodes.size(); ++node)
    if (owner[node] != RingFinder::kNone && rings.component(node) == RingFinder::kNone &&
        graph.nodes[node].kind == WaitNodeKind::thread)
      graph.deadlocks[owner[node]].behind.push_back({node});
}

}  // namespace

WaitAdjacency blocking_links(const WaitGraph& graph, bool reverse) {
  WaitAdjacency result;
  result.begin.resize(graph.nodes.size() + 1);
  const auto key = [&](const WaitLink& link) { return (reverse ? link.to : link.from).value; };
  for (const WaitLink& link : graph.links)
    if (link.strength == WaitStrength::blocks) ++result.begin[key(link) + 1];
  for (std::size_t i = 1; i < result.begin.size(); ++i) result.begin[i] += result.begin[i - 1];
  result.arcs.resize(result.begin.back());
  std::vector<std::uint32_t> at(result.begin.begin(), result.begin.end() - 1);
  for (std::uint32_t i = 0; i < graph.links.size(); ++i) {
    const WaitLink& link = graph.links[i];
    if (link.strength == WaitStrength::blocks)
      result.arcs[at[key(link)]++] = {(reverse ? link.from : link.to).value, i};
  }
  return result;
}

std::vector<bool> nodes_that_can_go_on(const WaitGraph& graph, const WaitAdjacency& out,
                                       std::vector<std::uint32_t>& order) {
  const WaitAdjacency in = blocking_links(graph, true);
  std::vector<bool> can(graph.nodes.size());
  std::vector<std::uint32_t> needed(graph.nodes.size());
  order.clear();
  for (std::uint32_t node = 0; node < graph.nodes.size(); ++node) {
    const auto links = static_cast<std::uint32_t>(out.of(node).size());
    needed[node] = needs_only_one(graph.nodes[node]) ? std::min(links, 1U) : links;
    if (needed[node] > 0) continue;
    can[node] = true;
    order.push_back(node);
  }
  for (std::size_t at = 0; at < order.size(); ++at) {
    for (const auto& [from, link] : in.of(order[at])) {
      if (can[from] || --needed[from] > 0) continue;
      can[from] = true;
      order.push_back(from);
    }
  }
  return can;
}

void find_deadlocks(WaitGraph& graph) {
  const WaitAdjacency out = blocking_links(graph, false);
  std::vector<std::uint32_t> order;
  const std::vector<bool> can_go_on = nodes_that_can_go_on(graph, out, order);
  if (order.size() == graph.nodes.size()) return;

  RingFinder rings(graph, out);
  for (const auto& members : Components(graph, out, can_go_on).find()) {
    rings.set_component(members, static_cast<std::uint32_t>(graph.deadlocks.size()));
    Deadlock deadlock;
    for (const std::uint32_t node : members) deadlock.members.push_back({node});
    add_rings(rings, deadlock);
    graph.deadlocks.push_back(std::move(deadlock));
  }
  add_waiters_behind(graph, rings, blocking_links(graph, true), can_go_on);
}

}  // namespace panicscan::analysis
