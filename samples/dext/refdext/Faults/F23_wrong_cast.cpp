#include <PCIDriverKit/IOPCIDevice.h>
#include "Faults.h"

// Wrong: the provider is whatever the personality matched. OSDynamicCast answers null, which can be
// handled; OSRequiredCast ends the process.
void Fault_F23_wrong_cast(IOService* provider) {
  psref::Step(psref::Fault::F23, "required-cast");
  IOPCIDevice* device = OSRequiredCast(IOPCIDevice, provider);  // fault: F23
  device->retain();
}
