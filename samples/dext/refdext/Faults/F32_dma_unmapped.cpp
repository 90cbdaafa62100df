#include <PCIDriverKit/IOPCIDevice.h>
#include "Faults.h"

// Wrong: a device may only be given addresses from PrepareForDMA. The DART has no page for this
// one.
void Fault_F32_dma_unmapped(IOPCIDevice* device, uint64_t descriptorRegister) {
  const uint32_t never_prepared = 0xdead0000;
  psref::Step(psref::Fault::F32, "give-unprepared-address");
  device->MemoryWrite32(0, descriptorRegister, never_prepared);  // fault: F32
}
