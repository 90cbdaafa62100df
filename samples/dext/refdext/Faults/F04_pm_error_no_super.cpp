#include "Faults.h"

// Wrong, and without consequence: an error from SetPowerState counts as an acknowledgement
// (kIOPMAckImplied). The negative control of F01.
kern_return_t Fault_F04_pm_error_no_super(uint32_t) {
  psref::Step(psref::Fault::F04, "return-error");
  return kIOReturnError;  // fault: F04
}
