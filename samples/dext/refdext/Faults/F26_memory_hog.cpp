#include <string.h>
#include "Faults.h"

void Fault_F26_memory_hog() {
  psref::Step(psref::Fault::F26, "allocate");
  const size_t chunk = 16u << 20;
  for (;;) {
    void* memory = IOMalloc(chunk);
    if (memory != nullptr) memset(memory, 0x5a, chunk);  // fault: F26
  }
}
