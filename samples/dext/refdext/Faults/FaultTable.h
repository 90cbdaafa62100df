// The table of faults: what each does, where it strikes, what it costs. Plain C++ without
// DriverKit, so that the extension, refdext-ctl and the tests on any host read the same table.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace psref {

/// What a fault costs, from nothing to a reboot.
enum class Safety : char {
  log = 'L',        // log lines only
  dext = 'D',       // the extension's process dies; the system starts it again
  machine = 'K',    // the machine panics, or hangs until it does
  synthetic = 'S',  // cannot be produced on hardware that is safe to use; report texts only
};

/// How a fault is switched on.
enum class ArmedBy : uint8_t {
  call,         // refdext-ctl arm
  personality,  // PSFaultMode in the personality; read in Start
  plist,        // another Info.plist, see variants/
  build,        // a build with PSREF_Fnn defined
  signing,      // other entitlements or another installation
  hardware,     // a particular device or bridge
};

/// Where the wrong code runs.
enum class Site : uint8_t { none, power, start, stop, timer, call, client, scsi, pci };

/// Rows of kFaults, in order.
enum class Fault : uint8_t {
  F00,
  F01,
  F02,
  F03,
  F04,
  F05,
  F06,
  F06b,
  F07,
  F08,
  F09,
  F10,
  F11,
  F12,
  F13,
  F14,
  F15,
  F16,
  F17,
  F18,
  F19,
  F20,
  F21,
  F22,
  F23,
  F24,
  F25,
  F26,
  F27,
  F28,
  F29,
  F30,
  F31,
  F32,
  F33,
  F34,
  F35,
  F36,
  F37,
  count,
};

struct FaultRow {
  const char* id;    // "F15"
  const char* name;  // "abba"
  Safety safety;
  ArmedBy armed_by;
  Site site;
  const char* does;  // one sentence
};

extern const FaultRow kFaults[static_cast<size_t>(Fault::count)];

const FaultRow& Row(Fault fault);

/// The fault with this id or name; Fault::count when there is none.
Fault FindFault(const char* text);

/// Why a fault was or was not armed.
enum class Arming : uint8_t { armed, unknown, not_by_this_way, needs_consent };

/// Whether a fault may be armed: in the way its row says, and with both consents (the personality's
/// PSAllowPanic and the caller's key) when it takes the machine down.
Arming MayArm(Fault fault, ArmedBy way, bool allow_panic, uint64_t key);

}  // namespace psref
