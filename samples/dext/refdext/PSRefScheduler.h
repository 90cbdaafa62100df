// Runs work at the earliest of several deadlines, with one timer. Plain C++ over IOLock and
// IOTimerDispatchSource, so that tests on any host run this very code over mutexes and threads.
#pragma once
#include <DriverKit/IOReturn.h>
#include <stdint.h>

struct IOLock;
class IOTimerDispatchSource;

class PSRefScheduler {
 public:
  /// Null when there is no memory. Keeps a reference to the timer until Stop.
  static PSRefScheduler* Create(IOTimerDispatchSource* timer);
  static void Destroy(PSRefScheduler* scheduler);

  /// Adds a deadline, nanoseconds from now, and arms the timer if it is the earliest. From any
  /// queue. Errors: kIOReturnNoResources (all slots are taken), kIOReturnAborted (after Stop).
  kern_return_t ScheduleAfter(uint64_t delay);

  /// Takes the deadlines that have passed and says how many; arms the timer for the next. Call this
  /// from the timer's callback.
  uint32_t TakeDue();

  /// No deadline is taken or armed after this.
  void Stop();

  static constexpr uint32_t kSlots = 16;

 private:
  uint64_t EarliestLocked() const;
  void ArmEarliest();
  __attribute__((noinline)) void ArmNextLocked();  // Faults/F15_abba.cpp

  IOLock* lock_;                  // leaf: nothing is called while it is held
  IOTimerDispatchSource* timer_;  // null after Stop
  uint64_t deadlines_[kSlots];    // uptime in nanoseconds; 0 is a free slot
};
