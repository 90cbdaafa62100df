// A target that never answers INQUIRY. Names: Apple's IOSCSIArchitectureModelFamily.
#include "xnu.h"

extern "C" void lck_mtx_sleep(void* lock);

class IOSCSITargetDevice {
 public:
  bool start(IOService* provider);
  bool InitializeDeviceSupport();
  int SendTask(u64 request);
};

KEPT int IOSCSITargetDevice::SendTask(u64 request) {
  note(request);
  lck_mtx_sleep(this);
  note(1);
  return 0;
}

KEPT bool IOSCSITargetDevice::InitializeDeviceSupport() {
  note(2);
  const int result = SendTask(0x12);
  note(3);
  return result == 0;
}

KEPT bool IOSCSITargetDevice::start(IOService* provider) {
  note((u64)provider);
  const bool is_ready = InitializeDeviceSupport();
  note(4);
  return is_ready;
}
