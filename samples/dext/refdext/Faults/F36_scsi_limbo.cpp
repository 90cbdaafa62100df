#include "Faults.h"

// Wrong: a target that is reported present must answer, if only with an error. The task, its action
// and the target wait for ever.
void Fault_F36_scsi_limbo() {
  psref::Step(psref::Fault::F36, "never-complete");  // fault: F36
}
