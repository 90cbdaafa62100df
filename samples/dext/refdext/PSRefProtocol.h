// What refdext-ctl and PSRefUserClient agree on. Plain C++, no DriverKit: compiled on both sides.
#pragma once
#include <stdint.h>

namespace psref {

/// Selectors of IOConnectCallScalarMethod.
enum Selector : uint32_t {
  kPing = 0,       // out: 1 scalar, kProtocolVersion
  kArm = 1,        // in: row of the fault table, key, argument of the fault
  kReport = 2,     // out: armed row, steps logged, timer callbacks, power changes
  kDisarm = 3,     // no scalars
  kTerminate = 4,  // no scalars; the service ends itself
  kStrike = 5,     // no scalars; runs the armed fault when its place is a call
  kSelectorCount = 6,
};

constexpr uint64_t kProtocolVersion = 1;

/// Faults that panic the machine are armed only with this key ("PSCF"), and only when the
/// personality says PSAllowPanic.
constexpr uint64_t kPanicKey = 0x50534346;

}  // namespace psref
