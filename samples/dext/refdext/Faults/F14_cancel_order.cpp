#include "Faults.h"

// Wrong order: sources and actions first, the queue they run on last.
void Fault_F14_cancel_order(IODispatchQueue* queue, OSAction* action) {
  psref::Step(psref::Fault::F14, "cancel-queue-first");
  const OSActionCancelHandler done = ^{
  };
  queue->Cancel(done);
  action->Cancel(done);  // fault: F14
}
