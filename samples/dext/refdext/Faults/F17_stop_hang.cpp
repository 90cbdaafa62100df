#include "Faults.h"

// Wrong: Stop must return soon. There is one terminate thread in the kernel; it waits in this call,
// and everything that is to be terminated after it waits as well.
void Fault_F17_stop_hang() {
  psref::Step(psref::Fault::F17, "wait-forever");
  for (;;) IOSleep(1000);  // fault: F17
}
