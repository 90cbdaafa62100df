#include "base/heap.h"

#include <algorithm>
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <thread>
#endif

namespace panicscan {

#ifdef __GLIBC__

namespace {
/// Where the large pages of the heap are, when there are any.
std::uintptr_t large_begin = 0, large_end = 0;
}  // namespace

void fill_heap(std::size_t bytes) {
#ifdef MADV_POPULATE_WRITE
  if (large_begin < large_end)
    (void)::madvise(reinterpret_cast<void*>(large_begin), std::min(bytes, large_end - large_begin),
                    MADV_POPULATE_WRITE);
#else
  (void)bytes;
#endif
}

void prepare_heap() {
  // Units: bytes. Address space, not memory: pages are taken when they are used.
  constexpr int kRoom = 64 << 20;
  constexpr std::uintptr_t kLargePage = 2 << 20;
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that glibc takes
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
  // The heaps that threads get of their own have small pages only. Where there are few processors
  // they are seldom in each other's way in this one.
  if (std::thread::hardware_concurrency() <= 2) ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TOP_PAD, kRoom);
  // More than there is: the heap grows by the room asked for.
  void* volatile more = std::malloc(1 << 20);
  std::free(more);
  ::mallopt(M_TOP_PAD, 4 << 20);

  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  if (more == nullptr || end < reinterpret_cast<std::uintptr_t>(more)) return;
  const std::uintptr_t begin =
      (reinterpret_cast<std::uintptr_t>(more) + kLargePage - 1) & ~(kLargePage - 1);
  // What comes first fills some small pages; the others before the large ones are left out.
  constexpr std::uintptr_t kSmall = 256 << 10;
  const std::uintptr_t gap = begin - reinterpret_cast<std::uintptr_t>(more);
  if (gap > 2 * kSmall && begin < end) {
    void* volatile left_out = std::malloc(gap - kSmall);
    (void)left_out;
  }
  // The kernel may say no: then the pages are small.
  large_begin = begin;
  large_end = end;
  if (begin < end) (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

#else

void prepare_heap() {}
void fill_heap(std::size_t) {}

#endif

}  // namespace panicscan
