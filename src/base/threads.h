#pragma once

#include <cstddef>
#include <functional>

namespace panicscan {

/// As many threads as there are processors, but two at least: they wait for the disk, too.
unsigned default_threads();

/// Runs `work` on that many threads at once, this one among them, and waits for all of them. When
/// the system gives no more threads, on those that there are.
void run_on_threads(unsigned threads, const std::function<void()>& work);

/// Runs `work(i)` for each i below `count` on that many threads, in no order.
void for_each_on_threads(std::size_t count, unsigned threads,
                         const std::function<void(std::size_t)>& work);

}  // namespace panicscan
