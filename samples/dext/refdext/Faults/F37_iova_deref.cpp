#include <SCSIControllerDriverKit/IOUserSCSIParallelInterfaceController.h>
#include "Faults.h"

// Wrong: fBufferIOVMAddr is the address for the device. The memory of a task is reached with
// UserGetDataBuffer.
uint8_t Fault_F37_iova_deref(const SCSIUserParallelTask* task) {
  psref::Step(psref::Fault::F37, "read-io-address");
  return *reinterpret_cast<const volatile uint8_t*>(task->fBufferIOVMAddr);  // fault: F37
}
