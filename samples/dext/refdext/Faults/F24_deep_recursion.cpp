#include "Faults.h"

__attribute__((noinline)) static uint64_t Deeper(volatile uint64_t* above) {
  volatile uint64_t here[64] = {*above + 1};
  if (here[0] == 0) return 0;     // never: the stack ends first
  return Deeper(here) + here[0];  // fault: F24 (each frame)
}

void Fault_F24_deep_recursion() {
  psref::Step(psref::Fault::F24, "recurse");
  volatile uint64_t first = 0;
  const uint64_t depth = Deeper(&first);  // fault: F24
  IOLog("PSRef: F24 came back from %llu\n", static_cast<unsigned long long>(depth));
}
