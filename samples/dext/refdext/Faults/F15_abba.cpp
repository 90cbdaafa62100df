#include <DriverKit/IOTimerDispatchSource.h>
#include "../PSRefScheduler.h"

// Wrong: WakeAtTime is a call to the timer's queue, and waits until that queue is free. Called with
// the lock held, it waits for a queue whose callback may be waiting for the lock: two threads, two
// locks, opposite order. PSRefScheduler::ArmEarliest is the correct form.
//
// Not a free function as the others: it stands in for a private step of the scheduler.
void PSRefScheduler::ArmNextLocked() {
  const uint64_t deadline = EarliestLocked();
  timer_->WakeAtTime(kIOTimerClockUptimeRaw, deadline, 0);  // fault: F15 (waits for the queue)
}
