#include "Faults.h"

// Wrong: this runs in the timer's callback after super::Stop, because Stop did not cancel the
// timer. The service's queues are gone.
void Fault_F13_use_after_stop(IOService* stopped) {
  psref::Step(psref::Fault::F13, "use-stopped-service");
  stopped->RegisterService();  // fault: F13
}
