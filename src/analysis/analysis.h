#pragma once

#include <span>
#include <string_view>

#include "model/companion.h"
#include "model/fact.h"
#include "model/ownership.h"
#include "model/placement.h"
#include "model/symbols.h"

namespace panicscan::analysis {

/// What every analysis looks at: the report and what earlier stages made of it.
struct Input {
  const Report& report;
  std::span<const Placement> placements;  ///< parallel to report.frames
  const Symbols& symbols;
  const Placer& placer;                   ///< for addresses that stand in messages and registers
  std::span<const Companion> companions;  ///< other files of the same incident
  const Ownership& owners;                ///< whose code is the user's own

  /// Whether a frame lies in the user's own code, which no list of functions to skip applies to.
  bool is_own(Index<Frame> frame) const {
    return frame.value < placements.size() && owners.is_own(placements[frame.value].image);
  }
};

/// One row of the table in analyze.cc: a computation, and the kinds of fact it can publish.
struct Analysis {
  std::string_view name;                       ///< of its file, without ".cc"
  std::span<const FactSchema* const> schemas;  ///< empty when it only fills a member of Facts
  void (*run)(const Input& input, Facts& facts);
};

// One object a file of this folder; analyze.cc lists them in the order in which they run.
extern const Analysis kPanicClass;
extern const Analysis kPanicFlags;
extern const Analysis kPanicked;
extern const Analysis kNested;
extern const Analysis kDexts;
extern const Analysis kThirdParty;
extern const Analysis kCoprocessor;
extern const Analysis kPower;
extern const Analysis kRegistryBusy;
extern const Analysis kDart;
extern const Analysis kSptm;
extern const Analysis kArmException;
extern const Analysis kX86Trap;
extern const Analysis kSleepWake;
extern const Analysis kWatchdog;
extern const Analysis kZone;
extern const Analysis kPcie;
extern const Analysis kForcedReset;
extern const Analysis kCrashProcess;
extern const Analysis kCrashException;
extern const Analysis kCrashTermination;
extern const Analysis kCrashNotes;
extern const Analysis kLogEvents;
extern const Analysis kDevices;
extern const Analysis kDextLog;
extern const Analysis kDriverSource;
extern const Analysis kDartMapping;
extern const Analysis kTimes;
extern const Analysis kIntegrity;
extern const Analysis kWaits;
extern const Analysis kCulprit;

}  // namespace panicscan::analysis
