#include "Faults.h"

// Wrong: with 0 reported as the highest target, the framework ends with target 0 while a task for
// it is still out; its completion comes when the target is gone.
void Fault_F35_scsi_late_completion(uint64_t seconds) {
  psref::Step(psref::Fault::F35, "complete-late");
  IOSleep(seconds * 1000);  // fault: F35
}
