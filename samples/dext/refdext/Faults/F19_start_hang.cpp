#include "Faults.h"

// Wrong: matching waits in Start; the service holds its provider busy until it returns.
void Fault_F19_start_hang() {
  psref::Step(psref::Fault::F19, "wait-forever");
  for (;;) IOSleep(1000);  // fault: F19
}
