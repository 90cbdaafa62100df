#include "Faults.h"

// An address whose upper bits are no copy of bit 47: the fault status says "address size", not
// "translation", which tells garbage from a freed object.
void Fault_F25_garbage_pointer() {
  volatile const uint32_t* garbage = reinterpret_cast<const uint32_t*>(0x00ffff0000000010);
  psref::Step(psref::Fault::F25, "read-garbage");
  volatile uint32_t value = *garbage;  // fault: F25
  IOLog("PSRef: F25 read %u\n", value);
}
