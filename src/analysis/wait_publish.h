#pragma once

#include "analysis/wait_inference.h"

namespace panicscan::analysis {

// Facts made of the finished graph; waits.cc calls them in this order.

extern const FactSchema kCycleSchema, kChainSchema, kConvoySchema;
extern const FactSchema kDextProcessSchema, kDextThreadSchema, kDextCallSchema, kDextLaunchSchema,
    kMissingSchema;
extern const FactSchema kBusyThreadSchema;

// wait_cycle_facts.cc
/// Explains each ring step by step, and publishes it.
void publish_cycles(const WaitBuilder& builder, const Inference& inference, WaitGraph& graph,
                    Facts& facts);
// wait_chain_facts.cc
void publish_chains(const WaitBuilder& builder, const WaitGraph& graph, Facts& facts);
// dext_threads.cc
void publish_dext_threads(const WaitBuilder& builder, const Inference& inference,
                          const WaitGraph& graph, Facts& facts);
// busy_threads.cc
/// Which threads work for the entries that keep the I/O registry busy.
void publish_busy_threads(const WaitBuilder& builder, const Inference& inference,
                          const BusyRegistry& busy, const WaitGraph& graph, Facts& facts);

/// What a thread waits for, in words; empty when nothing is known.
class WaitTargets {
 public:
  WaitTargets(const Report& report, const WaitGraph& graph);
  std::string words_for(ThreadId thread) const;
  const WaitLink* link_of(ThreadId thread) const;

 private:
  const Report& report_;
  const WaitGraph& graph_;
  std::unordered_map<std::uint64_t, std::uint32_t> first_;  ///< tid → its most telling link
};

}  // namespace panicscan::analysis
