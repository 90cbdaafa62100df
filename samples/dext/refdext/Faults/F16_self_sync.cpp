#include "Faults.h"

// Wrong: a serial queue that waits for itself. libdispatch notices and ends the process.
void Fault_F16_self_sync(IODispatchQueue* current) {
  psref::Step(psref::Fault::F16, "dispatch-sync-to-self");
  current->DispatchSync(^{  // fault: F16
    psref::Step(psref::Fault::F16, "unreachable");
  });
}
