#include "Faults.h"
#include "PSRefSCSI.h"

// Wrong: the action of bundled tasks has the type of BundledParallelTaskCompletion. Completing it
// with the other method is a message the action does not know.
void Fault_F10_bundled_wrong_completion(PSRefSCSI* controller, OSAction* completion,
                                        uint64_t task) {
  SCSIUserParallelResponse response = {};
  response.version = kScsiUserParallelTaskResponseCurrentVersion1;
  response.fControllerTaskIdentifier = task;
  psref::Step(psref::Fault::F10, "wrong-completion");
  controller->ParallelTaskCompletion(completion, response);  // fault: F10
}
