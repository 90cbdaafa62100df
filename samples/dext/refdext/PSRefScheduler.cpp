#include "PSRefScheduler.h"

#include <time.h>

#include <DriverKit/IOLib.h>
#include <DriverKit/IOTimerDispatchSource.h>

#include "Faults/FaultState.h"

PSRefScheduler* PSRefScheduler::Create(IOTimerDispatchSource* timer) {
  PSRefScheduler* scheduler = IONewZero(PSRefScheduler, 1);
  if (scheduler == nullptr) return nullptr;
  scheduler->lock_ = IOLockAlloc();
  if (scheduler->lock_ == nullptr) {
    IOSafeDeleteNULL(scheduler, PSRefScheduler, 1);
    return nullptr;
  }
  timer->retain();
  scheduler->timer_ = timer;
  return scheduler;
}

void PSRefScheduler::Destroy(PSRefScheduler* scheduler) {
  if (scheduler == nullptr) return;
  scheduler->Stop();
  IOLockFree(scheduler->lock_);
  IOSafeDeleteNULL(scheduler, PSRefScheduler, 1);
}

uint64_t PSRefScheduler::EarliestLocked() const {
  uint64_t earliest = 0;
  for (const uint64_t deadline : deadlines_)
    if (deadline != 0 && (earliest == 0 || deadline < earliest)) earliest = deadline;
  return earliest;
}

kern_return_t PSRefScheduler::ScheduleAfter(uint64_t delay) {
  const uint64_t deadline = clock_gettime_nsec_np(CLOCK_UPTIME_RAW) + delay;
  IOLockLock(lock_);  // fault: F15 (waits for the lock, on the timer's queue)
  if (timer_ == nullptr) {
    IOLockUnlock(lock_);
    return kIOReturnAborted;
  }
  uint32_t slot = 0;
  while (slot < kSlots && deadlines_[slot] != 0) ++slot;
  if (slot == kSlots) {
    IOLockUnlock(lock_);
    return kIOReturnNoResources;
  }
  deadlines_[slot] = deadline;
  if (psref::Strikes(psref::Fault::F15)) {
    ArmNextLocked();  // fault: F15 (caller, holds the lock)
    IOLockUnlock(lock_);
    return kIOReturnSuccess;
  }
  IOLockUnlock(lock_);
  ArmEarliest();
  return kIOReturnSuccess;
}

// The correct order: look under the lock, call without it. WakeAtTime waits for the timer's queue,
// and a callback on that queue may want the lock; if it were held here, each would wait for the
// other.
//
// Between the look and the call another thread may add an earlier deadline and arm it first, so
// look again after the call. Whoever armed last looks after everyone else: the timer ends on the
// earliest.
void PSRefScheduler::ArmEarliest() {
  uint64_t armed = 0;
  for (;;) {
    IOLockLock(lock_);
    const uint64_t earliest = timer_ != nullptr ? EarliestLocked() : 0;
    IOTimerDispatchSource* timer = earliest != armed && earliest != 0 ? timer_ : nullptr;
    if (timer != nullptr) timer->retain();  // Stop may drop the scheduler's own reference
    IOLockUnlock(lock_);
    if (timer == nullptr) return;
    timer->WakeAtTime(kIOTimerClockUptimeRaw, earliest, 0);
    timer->release();
    armed = earliest;
  }
}

uint32_t PSRefScheduler::TakeDue() {
  const uint64_t now = clock_gettime_nsec_np(CLOCK_UPTIME_RAW);
  uint32_t due = 0;
  IOLockLock(lock_);
  for (uint64_t& deadline : deadlines_) {
    if (deadline == 0 || deadline > now) continue;
    deadline = 0;
    ++due;
  }
  IOLockUnlock(lock_);
  ArmEarliest();
  return due;
}

void PSRefScheduler::Stop() {
  IOLockLock(lock_);
  IOTimerDispatchSource* timer = timer_;
  timer_ = nullptr;
  for (uint64_t& deadline : deadlines_) deadline = 0;
  IOLockUnlock(lock_);
  // Outside the lock: the last release may run code of the framework.
  if (timer != nullptr) timer->release();
}
