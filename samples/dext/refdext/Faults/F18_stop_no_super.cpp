#include "Faults.h"

// Wrong: the kernel ends termination when the superclass's Stop is reached. Without it the service
// stays inactive, its provider stays busy, and after 60 s the registry watchdog panics.
kern_return_t Fault_F18_stop_no_super() {
  psref::Step(psref::Fault::F18, "skip-super");
  return kIOReturnSuccess;  // fault: F18
}
