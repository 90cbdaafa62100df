#include <PCIDriverKit/IOPCIDevice.h>
#include "Faults.h"

// Wrong: Close takes the mapping of the BAR away. A read answers all ones, or stops the machine
// when the device is gone.
uint32_t Fault_F30_mmio_after_close(IOPCIDevice* device, IOService* client, uint64_t bar) {
  psref::Step(psref::Fault::F30, "close");
  device->Close(client);
  psref::Step(psref::Fault::F30, "read-closed-bar");
  return *reinterpret_cast<volatile uint32_t*>(bar);  // fault: F30
}
