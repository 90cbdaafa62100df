// What iig would write for SampleDriver.
#include "driver.h"

kern_return_t SampleDriver::Start_Invoke(IORPC rpc, OSMetaClassBase *target, StartHandler handler) {
  if (rpc.size < sizeof(void *)) return -3;
  return handler(target, static_cast<IOService *>(rpc.message));
}

kern_return_t SampleDriver::_Dispatch(SampleDriver *self, IORPC rpc) {
  switch (rpc.size & 3) {
    case 0:
      return Start_Invoke(rpc, self, [](OSMetaClassBase *target, IOService *provider) {
        return static_cast<SampleDriver *>(target)->Start_Impl(provider);
      });
    case 1:
      return self->Stop_Impl(static_cast<IOService *>(rpc.message));
    default:
      return self->IOService::Dispatch(rpc);
  }
}

kern_return_t SampleDriver::Dispatch(IORPC rpc) { return _Dispatch(this, rpc); }
