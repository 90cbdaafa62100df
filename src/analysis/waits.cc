#include "analysis/wait_publish.h"

// Who waits for whom, and which of them wait for one another: Facts::waits, and facts for rules.
// The graph is built by wait_edges_*.cc and searched by wait_components.cc and wait_chains.cc.

namespace panicscan::analysis {
namespace {

constexpr const FactSchema* kSchemas[] = {
    &kCycleSchema,      &kChainSchema,       &kConvoySchema,
    &kMissingSchema,    &kDextThreadSchema,  &kDextCallSchema,
    &kDextLaunchSchema, &kDextProcessSchema, &kBusyThreadSchema};

void run(const Input& input, Facts& facts) {
  if (input.report.threads.empty() && input.report.waits.empty()) return;
  WaitBuilder builder(input);
  add_reported_links(builder);
  const Inference inference = add_inferred_links(builder);
  const BusyRegistry busy = add_registry_links(builder, inference, facts);
  add_candidates(builder);
  WaitGraph& graph = builder.graph();
  find_deadlocks(graph);
  find_chains(builder, graph);
  publish_cycles(builder, inference, graph, facts);
  publish_chains(builder, graph, facts);
  publish_dext_threads(builder, inference, graph, facts);
  publish_busy_threads(builder, inference, busy, graph, facts);
  facts.waits = std::move(graph);
}

}  // namespace

constinit const Analysis kWaits{"waits", kSchemas, run};

}  // namespace panicscan::analysis
