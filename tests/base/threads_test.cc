#include "base/threads.h"

#include <atomic>
#include <vector>

#include "catch.h"

namespace panicscan {

TEST_CASE("work that is shared out over threads is done once for each index") {
  for (const unsigned threads : {1u, 3u, 8u}) {
    std::vector<std::atomic<int>> done(1000);
    for_each_on_threads(done.size(), threads, [&](std::size_t i) { ++done[i]; });
    for (const auto& times : done) CHECK(times == 1);
  }
  for_each_on_threads(0, 4, [](std::size_t) { FAIL("there is nothing to do"); });
}

}  // namespace panicscan
