#include <stdlib.h>
#include "Faults.h"

// Crashes of one bundle are counted for a day. More than three stop only Apple's own extensions.
void Fault_F22_crash_loop() {
  psref::Step(psref::Fault::F22, "abort");
  abort();  // fault: F22
}
