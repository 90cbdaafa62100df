#include "Faults.h"

// Wrong: there is one action for all bundled tasks of a controller. It is retained once for each
// stored command and released once after its completion; one more takes the framework's reference.
void Fault_F09_bundled_release(OSAction* completion) {
  psref::Step(psref::Fault::F09, "release-again");
  completion->release();  // fault: F09
}
