#include "analysis/fault.h"

#include <algorithm>
#include <array>

#include "analysis/message.h"
#include "base/text.h"

namespace panicscan::analysis {
namespace {

/// What comes before the faulting address in a message.
/// Source: xnu osfmk/arm64/sleh.c panic_with_thread_kernel_state, osfmk/i386/trap.c panic_trap,
/// osfmk/i386/trap_native.c panic_64.
constexpr std::array kLabels{std::string_view("at pc "), std::string_view("Kernel trap at "),
                             std::string_view("Double fault at "),
                             std::string_view("Machine Check at "),
                             std::string_view("kernel instruction: pc=")};

std::optional<std::uint64_t> pc_of(const RegisterSet& set) {
  const auto pc = set.find("pc");
  return pc ? pc : set.find("rip");
}

}  // namespace

std::optional<Address> address_behind(std::string_view message, std::string_view label) {
  std::string_view rest = message.substr(0, message.find('\n'));
  if (!skip_past(rest, label)) return std::nullopt;
  const auto value = consume_hex(rest);
  if (!value) return std::nullopt;
  return Address{*value};
}

std::optional<Address> fault_pc(const Panic& panic) {
  for (const std::string_view label : kLabels)
    if (const auto pc = address_behind(panic.message.value, label)) return pc;
  return std::nullopt;
}

const RegisterSet* fault_registers(const Panic& panic) {
  const auto pc = fault_pc(panic);
  const auto same = std::ranges::find_if(
      panic.registers, [&](const RegisterSet& set) { return pc && pc_of(set) == pc->value; });
  if (same != panic.registers.end()) return &*same;
  const auto own = std::ranges::find(panic.registers, false, &RegisterSet::is_of_other_cpu);
  return own == panic.registers.end() ? nullptr : &*own;
}

const Backtrace* panicked_backtrace(const Panic& panic) {
  const auto found = std::ranges::find(panic.backtraces, BacktraceKind::panicked, &Backtrace::kind);
  return found == panic.backtraces.end() ? nullptr : &*found;
}

}  // namespace panicscan::analysis
