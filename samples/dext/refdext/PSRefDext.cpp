#include "PSRefDext.h"

#include <DriverKit/DriverKit.h>
#include <DriverKit/IODispatchQueue.h>
#include <DriverKit/IOUserClient.h>

#include "Faults/Faults.h"
#include "PSRefPersonality.h"
#include "PSRefScheduler.h"

constexpr uint64_t kHeartbeat = 1000ull * 1000 * 1000;  // 1 s

// State lives in ivars, not in members: iig fixes the size of the class.
struct PSRefDext_IVars {
  IODispatchQueue* defaultQueue;
  IODispatchQueue* otherQueue;  // where F05 waits; a queue of its own, so that nothing else does
  IOTimerDispatchSource* timer;
  OSAction* timerFired;
  PSRefScheduler* scheduler;
  uint64_t timerCallbacks, powerChanges;  // touched on the default queue only, so without a lock
  bool stopped;
};

bool PSRefDext::init() {
  if (!super::init()) return false;
  IOLog("PSRefDext: init\n");  // how far it came: the log is all that a wrong personality leaves
  ivars = IONewZero(PSRefDext_IVars, 1);
  return ivars != nullptr;
}

void PSRefDext::free() {
  if (ivars != nullptr) {
    PSRefScheduler::Destroy(ivars->scheduler);
    OSSafeReleaseNULL(ivars->timerFired);
    OSSafeReleaseNULL(ivars->timer);
    OSSafeReleaseNULL(ivars->otherQueue);
    OSSafeReleaseNULL(ivars->defaultQueue);
    IOSafeDeleteNULL(ivars, PSRefDext_IVars, 1);
  }
  super::free();
}

kern_return_t IMPL(PSRefDext, Start) {
  IOLog("PSRefDext: Start\n");
  // super first: it makes the kernel's side of this object usable. A queue that a QUEUENAME names
  // would be set before it.
  kern_return_t ret = Start(provider, SUPERDISPATCH);
  if (ret != kIOReturnSuccess) return ret;

  psref::ArmFromPersonality(this);
  if (psref::Strikes(psref::Fault::F19)) Fault_F19_start_hang();  // fault: F19 (caller)
  if (psref::Strikes(psref::Fault::F22)) Fault_F22_crash_loop();
  if (psref::Strikes(psref::Fault::F23)) Fault_F23_wrong_cast(provider);

  ret = CopyDispatchQueue(kIOServiceDefaultQueueName, &ivars->defaultQueue);
  if (ret == kIOReturnSuccess)
    ret = IODispatchQueue::Create("PSRefOther", 0, 0, &ivars->otherQueue);
  if (ret == kIOReturnSuccess)
    ret = IOTimerDispatchSource::Create(ivars->defaultQueue, &ivars->timer);
  if (ret == kIOReturnSuccess) ret = CreateActionTimerFired(0, &ivars->timerFired);
  if (ret == kIOReturnSuccess) ret = ivars->timer->SetHandler(ivars->timerFired);
  if (ret == kIOReturnSuccess) ret = ivars->timer->SetEnable(true);
  if (ret == kIOReturnSuccess) {
    ivars->scheduler = PSRefScheduler::Create(ivars->timer);
    ret = ivars->scheduler != nullptr ? ivars->scheduler->ScheduleAfter(kHeartbeat)
                                      : kIOReturnNoMemory;
  }

  // The HBA personality matches on this property.
  if (ret == kIOReturnSuccess) {
    OSDictionary* properties = OSDictionary::withCapacity(1);
    if (properties != nullptr) {
      properties->setObject("PSRefNub", kOSBooleanTrue);
      ret = SetProperties(properties);
      properties->release();
    }
  }
  // Last: from here on, others find this service.
  if (ret == kIOReturnSuccess) ret = RegisterService();
  // Stop is not sent to a service whose Start failed, so end here what was begun.
  if (ret != kIOReturnSuccess) CancelThenStop(provider);
  return ret;
}

kern_return_t IMPL(PSRefDext, Stop) {
  ivars->stopped = true;
  if (psref::Strikes(psref::Fault::F17)) Fault_F17_stop_hang();  // fault: F17 (caller)
  if (psref::Strikes(psref::Fault::F18)) return Fault_F18_stop_no_super();
  if (psref::Strikes(psref::Fault::F13)) return Stop(provider, SUPERDISPATCH);
  return CancelThenStop(provider);
}

// Sources first. Cancel answers at once; its handler runs when no callback runs or will run any
// more. Only then may super be told, because it takes the queues away. Nothing here waits: the
// kernel's terminate thread is in the call to Stop.
kern_return_t PSRefDext::CancelThenStop(IOService* provider) {
  if (ivars->scheduler != nullptr) ivars->scheduler->Stop();
  if (ivars->timer == nullptr) return Stop(provider, SUPERDISPATCH);
  retain();
  provider->retain();
  const kern_return_t ret = ivars->timer->Cancel(^{
    Stop(provider, SUPERDISPATCH);
    provider->release();
    release();
  });
  if (ret == kIOReturnSuccess) return ret;
  provider->release();
  release();
  return Stop(provider, SUPERDISPATCH);
}

kern_return_t IMPL(PSRefDext, SetPowerState) {
  ++ivars->powerChanges;
  if (psref::Strikes(psref::Fault::F01)) return Fault_F01_pm_no_super(powerFlags);
  if (psref::Strikes(psref::Fault::F02)) return Fault_F02_pm_no_super_off(this, powerFlags);
  if (psref::Strikes(psref::Fault::F03))
    return Fault_F03_pm_block(this, powerFlags);  // fault: F03 (caller)
  if (psref::Strikes(psref::Fault::F04)) return Fault_F04_pm_error_no_super(powerFlags);
  if (psref::Strikes(psref::Fault::F05))
    return Fault_F05_pm_late_ack(this, ivars->otherQueue, powerFlags);

  // There is no hardware to quiet. What matters is the last step: super acknowledges the change to
  // the kernel, which waits 20 s for it. It may be called later and from another queue, but it must
  // be called.
  return SetPowerState(powerFlags, SUPERDISPATCH);
}

kern_return_t IMPL(PSRefDext, NewUserClient) {
  IOService* client = nullptr;
  // Makes the object that UserClientProperties in the personality describes.
  kern_return_t ret = Create(this, "UserClientProperties", &client);
  if (ret != kIOReturnSuccess) return ret;
  *userClient = OSDynamicCast(IOUserClient, client);
  if (*userClient == nullptr) {
    client->release();
    return kIOReturnError;
  }
  return kIOReturnSuccess;  // the caller owns the reference
}

kern_return_t IMPL(PSRefDext, CountEvents) {
  *timerCallbacks = ivars->timerCallbacks;
  *powerChanges = ivars->powerChanges;
  return kIOReturnSuccess;
}

void IMPL(PSRefDext, TimerFired) {
  // action is lent for the call: it is neither kept nor released here.
  ++ivars->timerCallbacks;
  if (ivars->stopped && psref::Strikes(psref::Fault::F13)) Fault_F13_use_after_stop(this);
  if (ivars->scheduler == nullptr) return;  // Start failed half way
  ivars->scheduler->TakeDue();
  if (!ivars->stopped || psref::Strikes(psref::Fault::F13))
    ivars->scheduler->ScheduleAfter(kHeartbeat);  // fault: F15 (caller, on the timer's queue)
}

PSRefScheduler* PSRefDext::Scheduler() { return ivars->scheduler; }
