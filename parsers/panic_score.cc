#include <algorithm>
#include <array>

#include "parsers/panic_head.h"
#include "parsers/panic_text.h"

namespace panicscan::parsers {
namespace {

struct Sign {
  std::string_view text;
  int points;
};

// Pieces of text that panics have and other texts do not, each counted once.
constexpr std::array kSigns{
    Sign{"Debugger message:", 30},
    Sign{"Debugger called:", 25},
    Sign{"*** Panic Report ***", 40},
    Sign{"Nested panic detected - entry count:", 40},
    Sign{"OS release type:", 15},
    Sign{"Darwin Kernel Version", 15},
    Sign{"Paniclog version:", 20},
    Sign{"Memory ID:", 10},
    Sign{"Kernelcache UUID:", 10},
    Sign{"Kernel UUID:", 10},
    Sign{"KernelCache slide:", 20},
    Sign{"Kernel slide:", 15},
    Sign{"Kernel text exec base:", 20},
    Sign{"Kernel text base:", 15},
    Sign{"mach_absolute_time:", 15},
    Sign{"Epoch Time:", 15},
    Sign{"Panicked task 0x", 40},
    Sign{"Panicked thread:", 30},
    Sign{"TPIDRx_ELy", 15},
    Sign{"is the one that panicked", 30},
    Sign{"Frame : Return Address", 40},
    Sign{"Kernel Extensions in backtrace:", 40},
    Sign{"BSD process name corresponding to current thread", 40},
    Sign{"rocess name corresponding to current thread", 30},
    Sign{"System uptime in nanoseconds:", 25},
    Sign{"last started kext at ", 20},
    Sign{"last loaded kext at ", 20},
    Sign{"loaded kexts:", 20},
    Sign{"Compressor Info:", 10},
    // Messages that people quote without the head line.
    Sign{"busy timeout[", 35},
    Sign{"busy timeout (", 35},
    Sign{"::setPowerState(0x", 35},
    Sign{"Sleep transition timed out after ", 40},
    Sign{"Wake transition timed out after ", 40},
    Sign{"userspace watchdog timeout:", 40},
    Sign{"watchdog timeout: no checkins from watchdogd", 40},
    Sign{"initproc exited -- ", 40},
    Sign{"Kernel data abort", 35},
    Sign{"Kernel instruction fetch abort", 35},
    Sign{"Kernel tag check fault", 35},
    Sign{"Kernel trap at 0x", 35},
    Sign{"PAC failure from kernel", 35},
    Sign{"element modified after free", 35},
    Sign{"a freed zone element has been modified", 35},
    Sign{"zone map exhausted", 30},
    Sign{"[SPTM] VIOLATION_", 40},
    Sign{"DART(", 20},
    Sign{"ERROR_STATUS 0x", 20},
    Sign{"LLC Bus error", 35},
    Sign{" PANIC - ", 35},
    Sign{"SEP Panic:", 35},
    Sign{"unhandled interrupts (0x", 30},
    Sign{"reset occurred", 30},
    Sign{"x86 CPU CATERR detected", 40},
    Sign{"x86 global reset detected", 40},
    Sign{"MCA Error Report", 40},
    Sign{"macOS watchdog detected", 40},
    Sign{"BAD MAGIC! (flag set in iBoot panic header)", 40},
};
constexpr int kCertain = 100;
// Of a long text only both ends are looked at: serial logs have the panic last.
constexpr std::size_t kEnough = std::size_t{192} << 10;

/// Lines "lr: 0x…  fp: 0x…" and "0x… : 0xffff…", which an excerpt may consist of.
int score_rows(std::string_view text) {
  int rows = 0;
  for (std::size_t at = text.find("lr: 0x"); at != std::string_view::npos && rows < 4;
       at = text.find("lr: 0x", at + 6))
    rows += text.substr(at, 60).find("fp: 0x") != std::string_view::npos ? 1 : 0;
  for (std::size_t at = text.find(" : 0xffffff"); at != std::string_view::npos && rows < 4;
       at = text.find(" : 0xffffff", at + 6))
    ++rows;
  return rows * 10;
}

int score_part(std::string_view text) {
  int score = 0;
  for (std::size_t at = text.find("panic"); at != std::string_view::npos && score == 0;
       at = text.find("panic", at + 5)) {
    // Only as far as a head line can reach, so that many words "panic" cost little.
    const auto head = read_panic_head(text.substr(at, 120), true);
    const bool begins_line = at == 0 || text[at - 1] == '\n';
    if (!head || (head->cpu.empty() && !begins_line)) continue;
    score = head->caller.empty() ? (head->cpu.empty() ? 20 : 60) : 85;
  }
  for (const Sign& sign : kSigns) {
    if (score >= kCertain) return kCertain;
    if (text.find(sign.text) != std::string_view::npos) score += sign.points;
  }
  return std::min(kCertain, score + score_rows(text));
}

}  // namespace

int score_panic_text(std::string_view text) {
  constexpr int kGoodEnough = 60;
  const int score = score_part(text.substr(0, kEnough));
  if (text.size() <= kEnough || score >= kGoodEnough) return score;
  return std::max(score, score_part(text.substr(text.size() - kEnough)));
}

}  // namespace panicscan::parsers
