#include "Faults.h"

void Fault_F20_crash_null() {
  psref::Step(psref::Fault::F20, "write-null");
  volatile int* null = nullptr;
  *null = 1;  // fault: F20
}
