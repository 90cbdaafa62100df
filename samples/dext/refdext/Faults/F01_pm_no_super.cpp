#include "Faults.h"

// Wrong: the power change is acknowledged by the superclass, in the kernel. Success without calling
// super tells the kernel to wait for an acknowledgement that never comes: 20 s, then the panic
// "setPowerState(…, 0 -> 2) timed out".
kern_return_t Fault_F01_pm_no_super(uint32_t) {
  psref::Step(psref::Fault::F01, "skip-super");
  return kIOReturnSuccess;  // fault: F01
}
