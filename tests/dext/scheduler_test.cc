#include "refdext/PSRefScheduler.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <DriverKit/IOTimerDispatchSource.h>

#include "catch.h"
#include "refdext/Faults/FaultState.h"
#include "refdext/PSRefProtocol.h"

namespace {

using psref::ArmedBy;
using psref::Arming;
using psref::Fault;

/// The client's thread schedules while a callback on the timer's queue is about to: each gets as
/// far as it must for the other to be in its way.
void meet(HostQueue& queue, IOTimerDispatchSource& timer, PSRefScheduler& scheduler) {
  std::atomic<bool> callback_runs{false}, callback_done{false};
  const int before = timer.callers;
  queue.async([&] {
    callback_runs = true;
    while (timer.callers == before) std::this_thread::yield();  // the client is in WakeAtTime
    scheduler.ScheduleAfter(2000000000);
    callback_done = true;
  });
  while (!callback_runs) std::this_thread::yield();
  scheduler.ScheduleAfter(1000000000);
  while (!callback_done) std::this_thread::yield();
}

/// Runs `rounds` meetings in a process of its own. True when they end; false when the watchdog,
/// after `milliseconds`, finds that they do not.
bool ends(bool faulty, int rounds, int milliseconds) {
  int done[2];
  REQUIRE(pipe(done) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(done[0]);
    if (faulty) psref::Arm(Fault::F15, ArmedBy::call, true, psref::kPanicKey, 0);
    for (int round = 0; round < rounds; ++round) {
      HostQueue queue;
      IOTimerDispatchSource timer(queue);
      PSRefScheduler* scheduler = PSRefScheduler::Create(&timer);
      meet(queue, timer, *scheduler);
      PSRefScheduler::Destroy(scheduler);
      if (timer.references != 0) _exit(3);
    }
    const char all = 'a';
    _exit(write(done[1], &all, 1) == 1 ? 0 : 2);
  }
  close(done[1]);
  pollfd watch{done[0], POLLIN, 0};
  char all = 0;
  const bool finished =
      poll(&watch, 1, milliseconds) == 1 && read(done[0], &all, 1) == 1 && all == 'a';
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  close(done[0]);
  if (!finished) CHECK(WIFSIGNALED(status));  // it hung, it did not fail
  return finished;
}

}  // namespace

TEST_CASE("arming the timer under the lock deadlocks two queues") {
  CHECK_FALSE(ends(true, 1, 1500));
}

TEST_CASE("arming the timer without the lock does not, however often they meet") {
  CHECK(ends(false, 500, 60000));
}

TEST_CASE("the timer ends on the earliest deadline, whatever the order of scheduling") {
  HostQueue queue;
  IOTimerDispatchSource timer(queue);
  PSRefScheduler* scheduler = PSRefScheduler::Create(&timer);
  REQUIRE(scheduler->ScheduleAfter(3000000000) == kIOReturnSuccess);
  const std::uint64_t late = timer.armed;
  REQUIRE(scheduler->ScheduleAfter(1000000000) == kIOReturnSuccess);
  CHECK(timer.armed < late);
  const std::uint64_t early = timer.armed;
  REQUIRE(scheduler->ScheduleAfter(9000000000) == kIOReturnSuccess);
  CHECK(timer.armed == early);
  PSRefScheduler::Destroy(scheduler);
}

TEST_CASE("deadlines that have passed are taken once, and the timer goes to the next") {
  HostQueue queue;
  IOTimerDispatchSource timer(queue);
  PSRefScheduler* scheduler = PSRefScheduler::Create(&timer);
  REQUIRE(scheduler->ScheduleAfter(0) == kIOReturnSuccess);
  REQUIRE(scheduler->ScheduleAfter(0) == kIOReturnSuccess);
  REQUIRE(scheduler->ScheduleAfter(60000000000) == kIOReturnSuccess);
  const std::uint64_t first = timer.armed;
  CHECK(scheduler->TakeDue() == 2);
  CHECK(timer.armed > first);
  CHECK(scheduler->TakeDue() == 0);
  PSRefScheduler::Destroy(scheduler);
}

TEST_CASE("a full scheduler and a stopped one refuse, and the timer is given back") {
  HostQueue queue;
  IOTimerDispatchSource timer(queue);
  PSRefScheduler* scheduler = PSRefScheduler::Create(&timer);
  for (std::uint32_t i = 0; i < PSRefScheduler::kSlots; ++i)
    REQUIRE(scheduler->ScheduleAfter(1000000000) == kIOReturnSuccess);
  CHECK(scheduler->ScheduleAfter(1) == kIOReturnNoResources);
  CHECK(timer.references == 1);
  scheduler->Stop();
  CHECK(timer.references == 0);
  CHECK(scheduler->ScheduleAfter(1) == kIOReturnAborted);
  PSRefScheduler::Destroy(scheduler);
}
