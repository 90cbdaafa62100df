#include "Faults.h"

// Acknowledging later is allowed, within 20 s of the return. 15 s is the control, 25 s the fault.
kern_return_t Fault_F05_pm_late_ack(IOService* service, IODispatchQueue* other,
                                    uint32_t powerFlags) {
  const uint64_t seconds = psref::Argument() != 0 ? psref::Argument() : 25;
  psref::Step(psref::Fault::F05, "acknowledge-later");
  service->retain();
  other->DispatchAsync(^{
    IOSleep(seconds * 1000);  // fault: F05
    psref::Step(psref::Fault::F05, "acknowledge");
    service->SetPowerState(powerFlags, (OSDispatchMethod)&IOService::_Dispatch);
    service->release();
  });
  return kIOReturnSuccess;
}
