// Two interrupt sources on one vector: the second one's vector is gone when the first is freed.
// Names: xnu iokit/Kernel/IOInterruptController.cpp, IOUserServer.cpp.
#include "IOService.h"

struct IOSharedVector {
  u64 target, refCon;
  u32 number;
  volatile u32 disabledSoft, disabledHard;
};

class IOSharedInterruptController : public IOService {
 public:
  int disableInterrupt(IOService* nub, int source);
  int unregisterInterrupt(IOService* nub, int source);
  IOSharedVector* vectors;
};

KEPT int IOSharedInterruptController::disableInterrupt(IOService* nub, int source) {
  note((u64)nub);
  IOSharedVector* const vector = vectors + source;
  if (vector->disabledSoft == 0) {
    vector->disabledSoft = 1;
    note(vector->number);
  }
  return 0;
}

KEPT int IOSharedInterruptController::unregisterInterrupt(IOService* nub, int source) {
  note((u64)source);
  const int result = disableInterrupt(nub, source);
  note(1);
  return result;
}

class IOInterruptDispatchSource {
 public:
  void free();
};

KEPT void IOInterruptDispatchSource::free() {
  note(2);
  ((IOSharedInterruptController*)this)->unregisterInterrupt((IOService*)this, 0);
  note(3);
}

class OSObject {
 public:
  void release() const;
};

KEPT void OSObject::release() const {
  note(4);
  ((IOInterruptDispatchSource*)this)->free();
  note(5);
}

