#include <algorithm>

#include "model/placement.h"

namespace panicscan {
namespace {

/// Places the frames of [begin, end) that lie in the arena.
void place_range(const Report& report, const Placer& placer, IndexRange<Frame> range,
                 AddressSpace space, std::vector<Placement>& placements) {
  const auto end = std::min<std::size_t>(range.end, report.frames.size());
  for (std::size_t i = range.begin; i < end; ++i) {
    const Frame& frame = report.frames[i];
    placements[i] = placer.place(frame.address, space, frame.image);
  }
}

}  // namespace

std::vector<Placement> place_frames(const Report& report) {
  std::vector<Placement> placements(report.frames.size());
  const Placer placer(report);
  for (const Thread& thread : report.threads) {
    place_range(report, placer, thread.kernel_stack, AddressSpace::stackshot_kernel, placements);
    place_range(report, placer, thread.user_stack, AddressSpace::user, placements);
    place_range(report, placer, thread.async_stack, AddressSpace::user, placements);
  }
  if (report.crash)
    place_range(report, placer, report.crash->exception_backtrace, AddressSpace::user, placements);
  if (report.panic)
    for (const Backtrace& trace : report.panic->backtraces)
      place_range(report, placer, trace.frames, AddressSpace::panic_text, placements);
  for (const Panic& panic : report.further_panics) {
    const Placer other(report, panic);
    for (const Backtrace& trace : panic.backtraces)
      place_range(report, other, trace.frames, AddressSpace::panic_text, placements);
  }
  return placements;
}

}  // namespace panicscan
