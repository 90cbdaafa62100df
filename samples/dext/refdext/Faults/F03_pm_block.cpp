#include "Faults.h"

// Wrong: a queue of a driver must not wait for long, least of all in SetPowerState. The message
// stays out, so the 20 s clock has not started; the kernel logs "PM waiting on pmDriverCallout",
// and at sleep it kills the process after 30 s.
kern_return_t Fault_F03_pm_block(IOService* service, uint32_t powerFlags) {
  psref::Step(psref::Fault::F03, "sleep-600");
  IOSleep(600 * 1000);  // fault: F03
  return service->SetPowerState(powerFlags, (OSDispatchMethod)&IOService::_Dispatch);
}
