#include <DriverKit/IOInterruptDispatchSource.h>
#include <PCIDriverKit/IOPCIDevice.h>
#include "Faults.h"

// Wrong: an interrupt index has one source. Freeing one of two unregisters the vector under the
// other.
void Fault_F31_double_interrupt(IOPCIDevice* device, IODispatchQueue* queue) {
  IOInterruptDispatchSource* second = nullptr;
  psref::Step(psref::Fault::F31, "create-second-source");
  if (IOInterruptDispatchSource::Create(device, 0, queue, &second) != kIOReturnSuccess) return;
  second->SetEnable(true);
  psref::Step(psref::Fault::F31, "free-second-source");
  second->release();  // fault: F31
}
