// Host: a serial queue as a thread, and a timer whose calls hop to it, as DriverKit's do.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <DriverKit/IOReturn.h>

#ifndef CLOCK_UPTIME_RAW
#define CLOCK_UPTIME_RAW CLOCK_MONOTONIC
inline std::uint64_t clock_gettime_nsec_np(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}
#endif

/// Runs blocks one after the other on a thread of its own.
class HostQueue {
 public:
  HostQueue() : thread_([this] { run(); }) {}
  ~HostQueue() {
    async({});
    thread_.join();
  }
  void async(std::function<void()> block) {
    const std::lock_guard hold(mutex_);
    blocks_.push_back(std::move(block));
    wake_.notify_one();
  }
  /// Waits until the block has run; runs it at once when called on the queue itself.
  void sync(const std::function<void()>& block) {
    if (std::this_thread::get_id() == thread_.get_id()) return block();
    std::mutex mutex;
    std::condition_variable wake;
    bool done = false;
    async([&] {
      block();
      const std::lock_guard hold(mutex);
      done = true;
      wake.notify_one();
    });
    std::unique_lock hold(mutex);
    wake.wait(hold, [&] { return done; });
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock hold(mutex_);
      wake_.wait(hold, [this] { return !blocks_.empty(); });
      const auto block = std::move(blocks_.front());
      blocks_.pop_front();
      hold.unlock();
      if (!block) return;
      block();
    }
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> blocks_;
  std::thread thread_;
};

enum { kIOTimerClockUptimeRaw = 0x88 };

class IOTimerDispatchSource {
 public:
  explicit IOTimerDispatchSource(HostQueue& on) : queue(on) {}
  void retain() { ++references; }
  void release() { --references; }
  kern_return_t WakeAtTime(std::uint64_t, std::uint64_t deadline, std::uint64_t) {
    ++callers;
    queue.sync([&] { armed = deadline; });
    return kIOReturnSuccess;
  }

  HostQueue& queue;
  std::atomic<int> references{0};
  std::atomic<int> callers{0};  // calls of WakeAtTime so far
  std::atomic<std::uint64_t> armed{0};
};
