#include "PSRefUserClient.h"

#include <DriverKit/DriverKit.h>
#include <DriverKit/IODispatchQueue.h>

#include "Faults/Faults.h"
#include "PSRefDext.h"
#include "PSRefPersonality.h"
#include "PSRefProtocol.h"
#include "PSRefScheduler.h"

constexpr uint64_t kLogoutDelay = 100ull * 1000 * 1000;  // 100 ms
constexpr char kMethodQueueName[] = "IOUserClientQueueExternalMethod";

struct PSRefUserClient_IVars {
  IODispatchQueue* methodQueue;
  PSRefDext* service;  // the provider, retained from Start to free
};

bool PSRefUserClient::init() {
  if (!super::init()) return false;
  ivars = IONewZero(PSRefUserClient_IVars, 1);
  return ivars != nullptr;
}

void PSRefUserClient::free() {
  if (ivars != nullptr) {
    OSSafeReleaseNULL(ivars->service);
    OSSafeReleaseNULL(ivars->methodQueue);
    IOSafeDeleteNULL(ivars, PSRefUserClient_IVars, 1);
  }
  super::free();
}

kern_return_t IMPL(PSRefUserClient, Start) {
  // The class table says that calls of a client come in on this queue. It must be set, under this
  // very name, before super::Start: from then on the kernel sends. With a queue of its own, a slow
  // call does not hold up Stop, which comes on the default queue.
  kern_return_t ret = IODispatchQueue::Create(kMethodQueueName, 0, 0, &ivars->methodQueue);
  if (ret == kIOReturnSuccess) ret = SetDispatchQueue(kMethodQueueName, ivars->methodQueue);
  if (ret == kIOReturnSuccess) ret = Start(provider, SUPERDISPATCH);
  if (ret != kIOReturnSuccess) return ret;
  ivars->service = OSDynamicCast(PSRefDext, provider);
  if (ivars->service == nullptr) {
    Stop(provider, SUPERDISPATCH);
    return kIOReturnBadArgument;
  }
  ivars->service->retain();
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefUserClient, Stop) {
  // A client that leaves asks for one more round of the timer: a teardown that schedules, as
  // drivers with sessions do. This is where F15 strikes.
  PSRefScheduler* scheduler = ivars->service != nullptr ? ivars->service->Scheduler() : nullptr;
  if (scheduler != nullptr) {
    if (psref::Strikes(psref::Fault::F15)) psref::Step(psref::Fault::F15, "schedule-in-stop");
    scheduler->ScheduleAfter(kLogoutDelay);  // fault: F15 (caller, on the client's queue)
  }
  return Stop(provider, SUPERDISPATCH);
}

template <kern_return_t (PSRefUserClient::*method)(IOUserClientMethodArguments*)>
static kern_return_t Call(OSObject* target, void*, IOUserClientMethodArguments* arguments) {
  return (static_cast<PSRefUserClient*>(target)->*method)(arguments);
}

static kern_return_t Disarm(OSObject*, void*, IOUserClientMethodArguments*) {
  psref::Disarm();
  return kIOReturnSuccess;
}

// The counts are checked by super before the function runs: arguments need no checks of their own.
static const IOUserClientMethodDispatch kMethods[psref::kSelectorCount] = {
    {&Call<&PSRefUserClient::Ping>, false, 0, 0, 1, 0},
    {&Call<&PSRefUserClient::Arm>, false, 3, 0, 0, 0},
    {&Call<&PSRefUserClient::Report>, false, 0, 0, 4, 0},
    {&Disarm, false, 0, 0, 0, 0},
    {&Call<&PSRefUserClient::TerminateService>, false, 0, 0, 0, 0},
    {&Call<&PSRefUserClient::Strike>, false, 0, 0, 0, 0},
};

kern_return_t PSRefUserClient::ExternalMethod(uint64_t selector,
                                              IOUserClientMethodArguments* arguments,
                                              const IOUserClientMethodDispatch*, OSObject*, void*) {
  if (selector >= psref::kSelectorCount) return kIOReturnBadArgument;
  return super::ExternalMethod(selector, arguments, &kMethods[selector], this, nullptr);
}

kern_return_t PSRefUserClient::Ping(IOUserClientMethodArguments* arguments) {
  arguments->scalarOutput[0] = psref::kProtocolVersion;
  return kIOReturnSuccess;
}

kern_return_t PSRefUserClient::Arm(IOUserClientMethodArguments* arguments) {
  const uint64_t row = arguments->scalarInput[0];
  if (row >= static_cast<uint64_t>(psref::Fault::count)) return kIOReturnBadArgument;
  switch (psref::Arm(static_cast<psref::Fault>(row), psref::ArmedBy::call,
                     psref::AllowsPanic(ivars->service), arguments->scalarInput[1],
                     arguments->scalarInput[2])) {
    case psref::Arming::armed:
      return kIOReturnSuccess;
    case psref::Arming::needs_consent:
      return kIOReturnNotPermitted;
    case psref::Arming::not_by_this_way:
      return kIOReturnUnsupported;
    case psref::Arming::unknown:
      break;
  }
  return kIOReturnBadArgument;
}

kern_return_t PSRefUserClient::Report(IOUserClientMethodArguments* arguments) {
  arguments->scalarOutput[0] = static_cast<uint64_t>(psref::Armed());
  arguments->scalarOutput[1] = psref::StepsLogged();
  return ivars->service->CountEvents(&arguments->scalarOutput[2], &arguments->scalarOutput[3]);
}

kern_return_t PSRefUserClient::TerminateService(IOUserClientMethodArguments*) {
  return ivars->service->Terminate(0);
}

void IMPL(PSRefUserClient, TimerUnused) {}

kern_return_t PSRefUserClient::Strike(IOUserClientMethodArguments*) {
  switch (psref::Armed()) {
    case psref::Fault::F11:
      Fault_F11_over_retain();
      break;
    case psref::Fault::F12:
      Fault_F12_over_release();
      break;
    case psref::Fault::F14: {
      IODispatchQueue* queue = nullptr;
      OSAction* action = nullptr;
      if (IODispatchQueue::Create("PSRefCancelled", 0, 0, &queue) != kIOReturnSuccess)
        return kIOReturnNoMemory;
      if (CreateActionTimerUnused(0, &action) == kIOReturnSuccess)
        Fault_F14_cancel_order(queue, action);
      OSSafeReleaseNULL(action);
      OSSafeReleaseNULL(queue);
      break;
    }
    case psref::Fault::F16:
      Fault_F16_self_sync(ivars->methodQueue);
      break;
    case psref::Fault::F20:
      Fault_F20_crash_null();  // fault: F20 (caller)
      break;
    case psref::Fault::F24:
      Fault_F24_deep_recursion();
      break;
    case psref::Fault::F25:
      Fault_F25_garbage_pointer();
      break;
    case psref::Fault::F26:
      Fault_F26_memory_hog();
      break;
    default:
      return kIOReturnNotReady;  // nothing is armed that strikes in a call
  }
  return kIOReturnSuccess;
}
