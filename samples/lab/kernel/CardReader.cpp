// A third-party kernel extension: what looks like a driver extension's fault, and is not.
#include "xnu.h"

class ExampleCardReader {
 public:
  unsigned long setPowerState(unsigned long state, IOService* service);
  void drainPending();
};

extern "C" void lck_mtx_sleep(void* lock);

KEPT void ExampleCardReader::drainPending() {
  note(1);
  lck_mtx_sleep(this);
  note(2);
}

KEPT unsigned long ExampleCardReader::setPowerState(unsigned long state, IOService* service) {
  note(state + (u64)service);
  drainPending();
  return 10000000;
}
