#include <algorithm>

#include "analysis/wait_builder.h"
#include "model/vendor.h"

// Where waits end. A node that waits for nobody, and for which threads wait, is the end of a chain:
// a thread that runs, sleeps or exits, a process, an object without owner.

namespace panicscan::analysis {
namespace {

constexpr std::size_t kMostChains = 40;

ChainEnd end_of(const WaitBuilder& builder, const WaitGraph& graph, std::uint32_t index,
                const std::vector<bool>& receives) {
  const WaitNode& node = graph.nodes[index];
  if (node.kind == WaitNodeKind::process)
    return node.process ? ChainEnd::process
                        : (node.name.empty() ? ChainEnd::not_there : ChainEnd::launching);
  if (node.kind != WaitNodeKind::thread) return ChainEnd::object;
  if (!node.thread) return ChainEnd::not_there;
  switch (builder.activity(*node.thread)) {
    case Activity::running:
      return ChainEnd::running;
    case Activity::suspended:
      return ChainEnd::suspended;
    case Activity::exiting:
      return ChainEnd::exiting;
    case Activity::parked:
      return ChainEnd::idle;
    case Activity::waiting:
      break;
  }
  return receives[index] ? ChainEnd::idle : ChainEnd::waiting;
}

/// 2 for a chain that touches the user's own code, 1 for another driver extension that is not
/// Apple's, 0 for the rest.
std::uint64_t nearness(const Input& input, const WaitGraph& graph, const WaitChain& chain) {
  std::uint64_t nearest = 0;
  for (const Index<WaitNode> index : chain.nodes) {
    const auto process = graph.nodes[index.value].process;
    if (!process) continue;
    const std::string& name = input.report.processes[process->value].name;
    nearest = std::max<std::uint64_t>(nearest, input.owners.is_own(name) ? 2
                                               : is_third_party(name)    ? 1
                                                                         : 0);
  }
  return nearest;
}

}  // namespace

void find_chains(const WaitBuilder& builder, WaitGraph& graph) {
  const WaitAdjacency out = blocking_links(graph, false);
  std::vector<std::uint32_t> order;
  nodes_that_can_go_on(graph, out, order);

  constexpr std::uint32_t kNone = UINT32_MAX;
  const std::size_t count = graph.nodes.size();
  std::vector<std::uint32_t> next(count, kNone), root(count, kNone), depth(count), waiters(count),
      direct(count), deepest(count, kNone);
  std::vector<bool> receives(count), is_known(count);
  for (const WaitLink& link : graph.links)
    if (link.strength == WaitStrength::object &&
        (link.kind == WaitKind::port_set_receive || link.kind == WaitKind::port_receive))
      receives[link.from.value] = true;
  for (const std::uint32_t node : order) {
    is_known[node] = true;
    for (const auto& [to, link] : out.of(node)) {
      if (!is_known[to] || to == node) continue;
      if (next[node] != kNone && depth[graph.links[next[node]].to.value] >= depth[to]) continue;
      next[node] = link;
    }
    // Of several threads of a process, none is known to be the one: the chain ends there.
    if (graph.nodes[node].kind == WaitNodeKind::process && out.of(node).size() > 1)
      next[node] = kNone;
    const std::uint32_t to = next[node] == kNone ? node : graph.links[next[node]].to.value;
    root[node] = next[node] == kNone ? node : root[to];
    depth[node] = next[node] == kNone ? 0 : depth[to] + 1;
    // A chain begins with a thread; that a busy entry waits for it as well is told elsewhere.
    if (depth[node] == 0 || graph.nodes[node].kind == WaitNodeKind::entry) continue;
    const std::uint32_t end = root[node];
    if (deepest[end] == kNone || depth[node] > depth[deepest[end]]) deepest[end] = node;
    if (graph.nodes[node].kind != WaitNodeKind::thread) continue;
    ++waiters[end];
    if (to == end) ++direct[end];
  }
  for (std::uint32_t end = 0; end < count; ++end) {
    if (deepest[end] == kNone) continue;
    WaitChain chain;
    chain.end = end_of(builder, graph, end, receives);
    chain.waiters = waiters[end];
    chain.direct = direct[end];
    for (std::uint32_t node = deepest[end];; node = graph.links[next[node]].to.value) {
      chain.nodes.push_back({node});
      if (next[node] == kNone) break;
      chain.links.push_back({next[node]});
      chain.sureness = std::max(chain.sureness, graph.links[next[node]].sureness);
    }
    graph.chains.push_back(std::move(chain));
  }
  const auto weight = [&](const WaitChain& chain) {
    return (nearness(builder.input(), graph, chain) << 40) + chain.waiters * std::uint64_t{4} +
           chain.nodes.size();
  };
  std::vector<std::pair<std::uint64_t, std::uint32_t>> rank;
  for (std::uint32_t i = 0; i < graph.chains.size(); ++i)
    rank.push_back({~weight(graph.chains[i]), i});
  std::ranges::sort(rank);
  std::vector<WaitChain> sorted;
  for (std::size_t i = 0; i < std::min(rank.size(), kMostChains); ++i)
    sorted.push_back(std::move(graph.chains[rank[i].second]));
  graph.chains = std::move(sorted);
}

}  // namespace panicscan::analysis
