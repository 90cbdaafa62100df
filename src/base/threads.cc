#include "base/threads.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace panicscan {

unsigned default_threads() { return std::clamp(std::thread::hardware_concurrency(), 2u, 8u); }

void run_on_threads(unsigned threads, const std::function<void()>& work) {
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) {
    try {
      others.emplace_back(work);
    } catch (const std::system_error&) {
      break;
    }
  }
  work();
  for (std::thread& other : others) other.join();
}

void for_each_on_threads(std::size_t count, unsigned threads,
                         const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  run_on_threads(static_cast<unsigned>(std::min<std::size_t>(threads, count)), take);
}

}  // namespace panicscan
