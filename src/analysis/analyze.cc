#include "analysis/analyze.h"

#include <algorithm>
#include <array>
#include <vector>

#include "analysis/analysis.h"
#include "analysis/bridge_chain.h"

namespace panicscan::analysis {
namespace {

/// Every analysis, in the order in which they run and in which their facts are listed. A later
/// one may look at the facts of earlier ones; culprit comes last because it weighs all of them.
constexpr std::array kAnalyses{
    &kPanicClass,     &kPanicFlags,
    &kPanicked,       &kNested,
    &kDexts,          &kThirdParty,
    &kCoprocessor,    &kPower,
    &kRegistryBusy,   &kDart,
    &kSptm,           &kArmException,
    &kX86Trap,        &kSleepWake,
    &kWatchdog,       &kZone,
    &kPcie,           &kBridgeChain,
    &kForcedReset,    &kCrashProcess,
    &kCrashException, &kCrashTermination,
    &kCrashNotes,     &kLogEvents,
    &kDevices,        &kDextLog,
    &kDriverSource,   &kDartMapping,
    &kTimes,          &kIntegrity,
    &kWaits,          &kCulprit,
};

std::vector<const FactSchema*> sorted_schemas() {
  std::vector<const FactSchema*> all;
  for (const Analysis* analysis : kAnalyses)
    all.insert(all.end(), analysis->schemas.begin(), analysis->schemas.end());
  std::ranges::sort(all, {}, &FactSchema::name);
  return all;
}

}  // namespace

Facts analyze(const Report& report, std::span<const Placement> placements, const Symbols& symbols,
              std::span<const Companion> companions, const Ownership& owners) {
  const Placer placer(report);
  const Input input{report, placements, symbols, placer, companions, owners};
  Facts facts;
  for (const Analysis* analysis : kAnalyses) analysis->run(input, facts);
  return facts;
}

std::span<const FactSchema* const> schemas() {
  static const std::vector<const FactSchema*> all = sorted_schemas();
  return all;
}

}  // namespace panicscan::analysis
