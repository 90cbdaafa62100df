#include <algorithm>
#include <array>

#include "parsers/panic_finish.h"
#include "parsers/panic_state.h"

// The "name: value" lines of the body that go into the model. The others need no row: they become
// fields by their shape. A row here also tells where a message ends, so names that could stand in
// a message are better off with a row.
// Source: xnu osfmk/arm/model_dep.c do_print_all_backtraces(), osfmk/i386/AT386/model_dep.c
// panic_i386_backtrace(), osfmk/kern/debug.c panic_print_kernel_slide().

namespace panicscan::parsers {
namespace {

/// Sets a fact of the machine unless a container or an earlier panic has said it.
template <typename T>
void set_machine(PanicState& state, std::optional<Sourced<T>>& slot, T value,
                 std::string_view where, const char* name) {
  if (!slot) {
    slot = Sourced<T>{std::move(value), state.ref(where)};
  } else if (slot->value != value &&
             std::ranges::find(state.disagreements, name) == state.disagreements.end()) {
    state.disagreements.emplace_back(name);
  }
}

Machine& machine(PanicState& state) { return state.out.report().machine; }

void set_build(PanicState& state, std::string_view value) {
  if (value == "Not yet set" || value == "Not set yet") return;
  set_machine(state, machine(state).build, std::string(value), value, "build");
}

// "Darwin Kernel Version 24.5.0: Tue …; root:xnu-11417.121.6~2/RELEASE_ARM64_T6000"
void set_kernel_version(PanicState& state, std::string_view value) {
  state.now.kernel_version_seen = true;
  Machine& known = machine(state);
  set_machine(state, known.kernel_version, std::string(value), value, "kernel version");
  const std::size_t slash = value.rfind('/');
  if (slash == std::string_view::npos) return;
  std::string_view variant = value.substr(slash + 1);
  struct Processor {
    std::string_view name;
    Arch arch;
  };
  constexpr std::array kProcessors{Processor{"ARM64", Arch::arm64},
                                   Processor{"X86_64", Arch::x86_64},
                                   Processor{"ARM", Arch::arm32}};
  if (!consume_until(variant, "_")) return;  // RELEASE, DEVELOPMENT, KASAN…
  for (const Processor& processor : kProcessors) {
    if (!consume(variant, processor.name)) continue;
    if (known.arch == Arch::unknown) known.arch = processor.arch;
    if (consume(variant, "_") && !variant.empty() && !known.soc)
      known.soc = Sourced<std::string>{std::string(variant), state.ref(variant)};
    return;
  }
}

void set_uuid(PanicState& state, std::optional<Sourced<Uuid>>& slot, std::string_view value,
              const char* name) {
  if (const auto uuid = parse_uuid(value))
    set_machine(state, slot, *uuid, value, name);
  else
    state.note(NoteKind::damaged, std::string(name) + " is no UUID", value);
}
void set_kernel_uuid(PanicState& state, std::string_view value) {
  set_uuid(state, machine(state).kernel_uuid, value, "kernel UUID");
}
void set_kernelcache_uuid(PanicState& state, std::string_view value) {
  set_uuid(state, machine(state).kernelcache_uuid, value, "kernelcache UUID");
}
void set_boot_session(PanicState& state, std::string_view value) {
  set_uuid(state, machine(state).boot_session, value, "boot session UUID");
}
void set_boot_args(PanicState& state, std::string_view value) {
  set_machine(state, machine(state).boot_args, std::string(value), value, "boot arguments");
}
// "iMac18,2 (Mac-77F17D7DA9285301)"
void set_model_name(PanicState& state, std::string_view value) {
  const std::string_view product = trim(value.substr(0, value.find('(')));
  if (!product.empty())
    set_machine(state, machine(state).product, std::string(product), product, "product");
}

template <typename Wrapped>
void set_layout(PanicState& state, std::optional<Sourced<Wrapped>>& slot, std::string_view value) {
  if (state.now.in_nested) return;
  const auto number = parse_hex(value);
  if (number) return set_once(slot, Sourced<Wrapped>{{*number}, state.ref(value)});
  state.note(NoteKind::damaged, "not a number: it cannot be used to find symbols", value);
}
void set_kernelcache_slide(PanicState& state, std::string_view value) {
  set_layout(state, state.panic().layout.kernelcache_slide, value);
}
void set_kernelcache_base(PanicState& state, std::string_view value) {
  set_layout(state, state.panic().layout.kernelcache_base, value);
}
void set_kernel_slide(PanicState& state, std::string_view value) {
  set_layout(state, state.panic().layout.kernel_slide, value);
}
void set_kernel_text_base(PanicState& state, std::string_view value) {
  set_layout(state, state.panic().layout.kernel_text_base, value);
}
void set_text_exec_slide(PanicState& state, std::string_view value) {
  set_layout(state, state.panic().layout.text_exec_slide, value);
}
void set_text_exec_base(PanicState& state, std::string_view value) {
  set_layout(state, state.panic().layout.text_exec_base, value);
}
void set_hib_text_base(PanicState& state, std::string_view value) {
  set_layout(state, state.panic().layout.hib_text_base, value);
}

void set_mach_absolute_time(PanicState& state, std::string_view value) {
  if (const auto ticks = parse_hex(value))
    set_once(state.panic().times.mach_absolute_time,
             Sourced<std::uint64_t>{*ticks, state.ref(value)});
}
void set_uptime(PanicState& state, std::string_view value) {
  if (const auto nanoseconds = parse_number(value))
    set_once(state.panic().times.uptime_ns, Sourced<std::uint64_t>{*nanoseconds, state.ref(value)});
}

void set_process_name(PanicState& state, std::string_view value) {
  if (value != "Unknown")
    set_once(state.panic().process_name,
             Sourced<std::string>{std::string(value), state.ref(value)});
}

/// A LineGrammar whose whole meaning is its value.
template <void (*set)(PanicState&, std::string_view)>
void read(PanicState& state, const TextLine&, std::string_view rest) {
  if (!rest.empty()) set(state, rest);
}

/// On Intel some values stand on the line behind the name.
template <void (*set)(PanicState&, std::string_view)>
struct OnNextLine {
  static bool take(PanicState& state, const TextLine& line) {
    if (is_known_panic_line(line.text)) return false;
    state.field(state.now.waiting_key, line.text, line.text);
    set(state, line.text);
    state.close_block();
    return true;
  }
  static constexpr Block block{take};
};
template <void (*set)(PanicState&, std::string_view)>
void read_here_or_next(PanicState& state, const TextLine& line, std::string_view rest) {
  if (!rest.empty()) return set(state, rest);
  state.now.waiting_key = trim(line.text.substr(0, line.text.find(':')));
  state.open(OnNextLine<set>::block);
}

// "Process name corresponding to current thread (0xffffff99e0a44000): WindowServer"
void read_process_name(PanicState& state, const TextLine& line, std::string_view rest) {
  if (consume(rest, "(")) {
    const auto thread = consume_hex(rest);
    if (thread && !state.panic().thread_pointer)
      state.panic().thread_pointer = {{*thread}, state.ref(line.text)};
  }
  if (!consume_until(rest, ":")) return;
  rest = trim(rest);
  state.field("Process name", rest, line.text);
  set_process_name(state, rest);
}

constexpr auto kBlock = LineRole::block;
constexpr auto kNested = LineRole::nested_too;
constexpr std::array kLines{
    LineGrammar{"OS version:", kBlock, read<set_build>},
    LineGrammar{"Mac OS version:", kBlock, read_here_or_next<set_build>},
    LineGrammar{"Kernel version:", kBlock, read_here_or_next<set_kernel_version>},
    LineGrammar{"macOS version:"},
    LineGrammar{"OS release type:"},
    LineGrammar{"Memory ID:"},
    LineGrammar{"Device:"},
    LineGrammar{"Hardware Model:"},
    LineGrammar{"ECID:"},
    LineGrammar{"AppleHWAccess "},
    LineGrammar{"Boot args:", kBlock, read<set_boot_args>},
    LineGrammar{"Exclaves boot status:"},
    LineGrammar{"Exclaves additional info:"},
    LineGrammar{"Fileset Kernelcache UUID:", kBlock, read<set_kernelcache_uuid>},
    LineGrammar{"KernelCache UUID:", kBlock, read<set_kernelcache_uuid>},
    LineGrammar{"Kernel UUID:", kBlock, read<set_kernel_uuid>},
    LineGrammar{"Boot session UUID:", kBlock, read<set_boot_session>},
    LineGrammar{"Boot session UUID not yet initialized"},
    LineGrammar{"iBoot version:"},
    LineGrammar{"iBoot Stage 2 version:"},
    LineGrammar{"secure boot?:"},
    LineGrammar{"roots installed:"},
    LineGrammar{"x86 EFI Boot State:"},
    LineGrammar{"x86 System State:"},
    LineGrammar{"x86 Power State:"},
    LineGrammar{"x86 Shutdown Cause:"},
    LineGrammar{"x86 Previous Power Transitions:"},
    LineGrammar{"PCIeUp link state:"},
    LineGrammar{"macOS kernel slide:"},
    LineGrammar{"Paniclog version:"},
    LineGrammar{"Unsigned code exec failures:"},
    LineGrammar{"Unsigned code mmap failures:"},
    LineGrammar{"Debug Header "},
    LineGrammar{"TXM load address:"},
    LineGrammar{"SPTM load address:"},
    LineGrammar{"TXM UUID:"},
    LineGrammar{"SPTM UUID:"},
    LineGrammar{"KernelCache slide:", kBlock, read<set_kernelcache_slide>},
    LineGrammar{"KernelCache base:", kBlock, read<set_kernelcache_base>},
    LineGrammar{"Kernel slide:", kBlock, read<set_kernel_slide>},
    LineGrammar{"Kernel text base:", kBlock, read<set_kernel_text_base>},
    LineGrammar{"Kernel text exec slide:", kNested, read<set_text_exec_slide>},
    LineGrammar{"Kernel text exec base:", kNested, read<set_text_exec_base>},
    LineGrammar{"__HIB  text base:", kBlock, read<set_hib_text_base>},
    LineGrammar{"__HIB text base:", kBlock, read<set_hib_text_base>},
    LineGrammar{"mach_absolute_time:", kBlock, read<set_mach_absolute_time>},
    LineGrammar{"System uptime in nanoseconds:", kBlock, read<set_uptime>},
    LineGrammar{"System model name:", kBlock, read<set_model_name>},
    LineGrammar{"BSD process name corresponding to current thread:", kBlock,
                read<set_process_name>},
    LineGrammar{"Process name corresponding to current thread", kBlock, read_process_name},
    LineGrammar{"Root disk errors:"},
    LineGrammar{"System shutdown begun:"},
    LineGrammar{"Panic diags file "},
    LineGrammar{"Hibernation exit count:"},
    LineGrammar{"Compressor Info:"},
    LineGrammar{"service:"},
    LineGrammar{"service returned not alive with context"},
};

}  // namespace

std::span<const LineGrammar> value_lines() { return kLines; }

}  // namespace panicscan::parsers
