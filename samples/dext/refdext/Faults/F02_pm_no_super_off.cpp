#include "Faults.h"

// Wrong: as F01, but only on the way down. The extension works until the machine sleeps.
kern_return_t Fault_F02_pm_no_super_off(IOService* service, uint32_t powerFlags) {
  if (powerFlags != kIOServicePowerCapabilityOff)
    return service->SetPowerState(powerFlags, (OSDispatchMethod)&IOService::_Dispatch);
  psref::Step(psref::Fault::F02, "skip-super");  // fault: F02
  return kIOReturnSuccess;
}
