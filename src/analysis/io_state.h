#pragma once

#include <cstdint>
#include <string_view>

namespace panicscan::analysis {

/// The two state words of an IOService, as the registry-busy panic prints them: "(1e,4020001)".
/// Source: xnu iokit/IOKit/IOServicePM.h and iokit/IOKit/IOService.h,
/// iokit/Kernel/IOServicePrivate.h.
struct IoState {
  std::uint32_t first = 0;   ///< __state[0]
  std::uint32_t second = 0;  ///< __state[1]
};

/// One bit of a state word: its name in rules and what it means.
struct IoStateBit {
  std::uint32_t mask;
  std::string_view name, meaning;
};

inline constexpr IoStateBit kIoFirstBits[] = {
    {0x01, "inactive", "terminated: nothing new may attach"},
    {0x02, "registered", "registerService() was called"},
    {0x04, "matched", "matching has been done at least once"},
    {0x08, "first-publish", "was announced for the first time"},
    {0x10, "first-match", "was matched for the first time"},
};

inline constexpr std::uint32_t kIoBusyMask = 0x3ff;
inline constexpr std::uint32_t kIoModuleStall = 0x20000000;
inline constexpr std::uint32_t kIoStarting = 0x04000000 | 0x02000000 | 0x00020000;
inline constexpr std::uint32_t kIoTerminating = 0x00400000 | 0x01000000 | 0x00800000;

inline constexpr IoStateBit kIoSecondBits[] = {
    {0x80000000, "need-config", "another round of matching is wanted"},
    {0x40000000, "synchronous", "somebody waits for it synchronously"},
    {0x20000000, "module-stall", "waits for user space to load a driver"},
    {0x10000000, "busy-waiter", "somebody waits until it is no longer busy"},
    {0x08000000, "sync-pub", "is announced synchronously"},
    {0x04000000, "config", "is being matched"},
    {0x02000000, "start", "start() of a driver runs on it"},
    {0x01000000, "term-phase2", "termination, phase 2: drivers were told, waits for them to stop"},
    {0x00800000, "term-phase3", "termination, phase 3: is being taken apart"},
    {0x00400000, "term-phase1", "termination, phase 1: is being marked inactive"},
    {0x00200000, "term1-waiter", "somebody waits for phase 1"},
    {0x00100000, "recursing", "termination walks through its clients"},
    {0x00080000, "need-will-terminate", "willTerminate() is still owed"},
    {0x00040000, "wait-detach", "waits to be detached"},
    {0x00020000, "config-running", "the thread that matches it is at work"},
    {0x00010000, "finalized", "finalize() has run"},
    {0x00008000, "rematch-on-detach", "will be matched again once detached"},
    {0x00004000, "user-unhidden", "was hidden from user space and no longer is"},
    {0x00002000, "bit-13", "a bit of newer kernels without a public name"},
};

/// What an entry is doing, by its state words: the later in its life, the stronger the word.
constexpr std::string_view io_phase(IoState state) {
  if ((state.second & kIoTerminating) != 0) return "terminating";
  if ((state.second & kIoModuleStall) != 0) return "module-stall";
  if ((state.first & 1) != 0) return "inactive-held";
  if ((state.second & kIoStarting) != 0) return "starting";
  return (state.second & kIoBusyMask) != 0 ? "busy" : "unknown";
}
static_assert(io_phase({0x1e, 0x04020001}) == "starting");
static_assert(io_phase({0x1, 0x01812001}) == "terminating");
static_assert(io_phase({0x1, 0x1}) == "inactive-held");
static_assert(io_phase({0x1e, 0x20000001}) == "module-stall");
static_assert(io_phase({0x1e, 0x2}) == "busy");

/// What that means for whoever looks for the cause.
constexpr std::string_view io_phase_meaning(std::string_view phase) {
  if (phase == "terminating") return "termination never ends: a driver or client does not stop";
  if (phase == "module-stall") return "user space (kernelmanagerd) did not deliver a driver";
  if (phase == "inactive-held") return "already terminated, but something still holds it busy";
  if (phase == "starting") return "matching or start() of a driver on it never ends";
  if (phase == "busy") return "busy on behalf of something that its state words do not tell";
  return "the report gives no state words";
}

}  // namespace panicscan::analysis
