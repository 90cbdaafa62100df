#include "parsers/snapshot_flags.h"

#include <array>

#include "base/text.h"
#include "parsers/json_fields.h"

namespace panicscan::parsers {
namespace {

constexpr std::array kThreadStates{
    FlagName{0x01, "TH_WAIT"},        FlagName{0x02, "TH_SUSP"},
    FlagName{0x04, "TH_RUN"},         FlagName{0x08, "TH_UNINT"},
    FlagName{0x10, "TH_TERMINATE"},   FlagName{0x20, "TH_TERMINATE2"},
    FlagName{0x40, "TH_WAIT_REPORT"}, FlagName{0x80, "TH_IDLE"},
};

constexpr std::array kThreadFlags{
    FlagName{0x00001, "kUser64_p"},
    FlagName{0x00002, "kKernel64_p"},
    FlagName{0x00004, "kHasDispatchSerial"},
    FlagName{0x00008, "kStacksPCOnly"},
    FlagName{0x00010, "kThreadDarwinBG"},
    FlagName{0x00020, "kThreadIOPassive"},
    FlagName{0x00040, "kThreadSuspended"},
    FlagName{0x00080, "kThreadTruncatedBT"},
    FlagName{0x00100, "kGlobalForcedIdle"},
    FlagName{0x00200, "kThreadFaultedBT"},
    FlagName{0x00400, "kThreadTriedFaultBT"},
    FlagName{0x00800, "kThreadOnCore"},
    FlagName{0x01000, "kThreadIdleWorker"},
    FlagName{0x02000, "kThreadMain"},
    FlagName{0x04000, "kThreadTruncKernBT"},
    FlagName{0x08000, "kThreadTruncUserBT"},
    FlagName{0x10000, "kThreadTruncUserAsyncBT"},
};

constexpr std::array kTaskFlags{
    FlagName{0x1, "user64"},
    FlagName{0x2, "kernel64"},
    FlagName{0x4, "resourceFlagged"},
    FlagName{0x8, "terminated"},
    FlagName{0x10, "suspended"},
    FlagName{0x20, "frozen"},
    FlagName{0x40, "darwinBG"},
    FlagName{0x80, "extDarwinBG"},
    FlagName{0x100, "visible"},
    FlagName{0x200, "nonvisible"},
    FlagName{0x400, "foreground"},
    FlagName{0x800, "boosted"},
    FlagName{0x1000, "suppressed"},
    FlagName{0x2000, "timerThrottled"},
    FlagName{0x4000, "isImpDonor"},
    FlagName{0x8000, "isLiveImpDonor"},
    FlagName{0x10000, "dirty"},
    FlagName{0x20000, "wqExceededConstrainedThreadLimit"},
    FlagName{0x40000, "wqExceededTotalThreadLimit"},
    FlagName{0x80000, "wqFlagsAvailable"},
    FlagName{0x100000, "uuidInfoFaultedIn"},
    FlagName{0x200000, "uuidInfoMissing"},
    FlagName{0x400000, "uuidInfoTriedFault"},
    FlagName{0x800000, "sharedRegionInfoUnavailable"},
    FlagName{0x1000000, "talEngaged"},
    FlagName{0x4000000, "isDirtyTracked"},
    FlagName{0x8000000, "allowIdleExit"},
    FlagName{0x10000000, "translated"},
    FlagName{0x20000000, "sharedRegionNone"},
    FlagName{0x40000000, "sharedRegionSystem"},
    FlagName{0x80000000, "sharedRegionOther"},
    FlagName{0x100000000, "dyldCompactInfoNone"},
    FlagName{0x200000000, "dyldCompactInfoTooBig"},
    FlagName{0x400000000, "dyldCompactInfoFaultedIn"},
    FlagName{0x800000000, "dyldCompactInfoMissing"},
    FlagName{0x1000000000, "dyldCompactInfoTriedFault"},
    FlagName{0x2000000000, "wqExceededCooperativeThreadLimit"},
    FlagName{0x4000000000, "wqExceededActiveConstrainedThreadLimit"},
};

}  // namespace

std::span<const FlagName> thread_state_names() { return kThreadStates; }
std::span<const FlagName> thread_flag_names() { return kThreadFlags; }
std::span<const FlagName> task_flag_names() { return kTaskFlags; }

void read_flags(JsonValue value, std::span<const FlagName> names, std::vector<std::string>& flags) {
  if (value.kind() == JsonKind::array) {
    value.for_each([&](JsonValue element) {
      if (element.kind() != JsonKind::array) read_flags(element, names, flags);
    });
    return;
  }
  const auto number = value.as_number_like();
  if (!number) {
    if (std::string name = scalar_text(value); !name.empty()) flags.push_back(std::move(name));
    return;
  }
  std::uint64_t left = *number;
  for (const FlagName& flag : names) {
    if ((left & flag.bit) == 0) continue;
    flags.emplace_back(flag.name);
    left &= ~flag.bit;
  }
  if (left != 0) flags.push_back(hex(left));
}

}  // namespace panicscan::parsers
