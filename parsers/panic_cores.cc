#include "parsers/panic_cores.h"

#include <algorithm>
#include <array>

// What the text says of the CPUs, of the panicked task and thread, of times and of memory.
// Source: xnu osfmk/arm/model_dep.c do_print_all_backtraces(), osfmk/i386/mp.c (NMI panics),
// osfmk/kern/zalloc.c (zone info, largest zones).

namespace panicscan::parsers {
namespace {

constexpr std::size_t kMostCores = 256;  // more are no machine, and must not cost time

// "CORE 4: PC=0x…, LR=0x…, FP=0x…", "CORE 0 [EACC0] recently retired instr at 0x…",
// "CORE 3 is the one that panicked. …", "CORE 1 is offline, skipping", "CORE 0 PVH locks held:
// None"
void read_core(PanicState& state, const TextLine& line, std::string_view rest) {
  const auto number = consume_decimal(rest);
  if (!number || *number > 0xffff) {
    state.field("line", line.text, line.text);
    return;
  }
  const auto cpu = static_cast<std::uint32_t>(*number);
  skip_blanks(rest);
  std::string_view cluster;
  if (consume(rest, "["))
    if (const auto inside = consume_until(rest, "]")) cluster = *inside;
  skip_blanks(rest);
  if (rest.starts_with("PVH")) {
    if (const auto pair = split_key_value(line.text))
      state.field(pair->key, pair->value, line.text);
    return;
  }
  std::vector<Core>& cores = state.panic().cores;
  // The same CPU has up to three lines; they stand close together in ascending order.
  Core* core = nullptr;
  for (Core& known : cores)
    if (known.cpu == cpu) core = &known;
  if (core == nullptr) {
    if (cores.size() >= kMostCores) return;
    core = &cores.emplace_back();
    core->cpu = cpu;
    core->where = state.ref(line.text);
  }
  if (!cluster.empty()) core->cluster = cluster;
  if (rest.starts_with("is offline")) core->offline = true;
  if (rest.starts_with("is the one that panicked")) core->panicked = true;
  if (consume(rest, "recently retired instr at ")) {
    if (const auto retired = consume_hex(rest)) core->retired = Address{*retired};
    return;
  }
  struct Name {
    std::string_view text;
    std::optional<Address> Core::* member;
  };
  constexpr std::array kNames{Name{"PC=", &Core::pc}, Name{"LR=", &Core::lr},
                              Name{"FP=", &Core::fp}};
  for (const Name& name : kNames) {
    const std::size_t at = rest.find(name.text);
    if (at == std::string_view::npos) continue;
    std::string_view value = rest.substr(at + name.text.size());
    if (const auto address = consume_hex(value)) {
      core->*name.member = Address{*address};
      core->where = state.ref(line.text);
    }
  }
}

// "Panicked task 0x…: 42 pages, 7 threads: pid 501: exampledaemon"
void read_task(PanicState& state, const TextLine& line, std::string_view rest) {
  state.field("Panicked task", rest, line.text);
  Panic& panic = state.panic();
  constexpr std::string_view kPid = "pid ";
  const std::size_t at = rest.find(kPid);
  if (at == std::string_view::npos) return;
  rest.remove_prefix(at + kPid.size());
  const std::string_view digits = rest;
  const bool is_negative = consume(rest, "-");
  const auto pid = consume_decimal(rest);
  if (!pid || *pid > INT64_MAX) return;
  const auto value = static_cast<std::int64_t>(*pid);
  set_once(panic.process,
           Sourced<ProcessId>{{is_negative ? -value : value},
                              state.ref(digits.substr(0, digits.size() - rest.size()))});
  if (!consume(rest, ":")) return;
  rest = trim(rest);
  if (!rest.empty())
    set_once(panic.process_name, Sourced<std::string>{std::string(rest), state.ref(rest)});
}

// "Panic(CPU 1, time 123456): NMIPI for spinlock acquisition timeout, …"
void read_other_cpu(PanicState& state, const TextLine& line, std::string_view) {
  state.field("line", line.text, line.text);
  state.now.in_other_cpu = true;
}

void keep_as_line(PanicState& state, const TextLine& line, std::string_view) {
  state.field("line", line.text, line.text);
}

// "TPIDRx_ELy = {1: 0x…  0: 0x…  0ro: 0x… }": 1 is the thread of the panicking CPU.
void read_tpidr(PanicState& state, const TextLine& line, std::string_view rest) {
  consume(rest, "=");
  state.field("TPIDRx_ELy", trim(rest), line.text);
}

/// One row of a table "  Boot    : 0x66f00000 0x00000000": its name and its numbers.
struct TimeRow {
  std::string_view name, numbers;
};
std::optional<TimeRow> split_time_row(std::string_view line) {
  constexpr std::array<std::string_view, 5> kNames{"Boot", "Sleep", "Wake", "Calendar", "Uptime"};
  for (const std::string_view name : kNames) {
    std::string_view rest = line;
    if (!consume(rest, name)) continue;
    skip_blanks(rest);
    if (!consume(rest, ":")) return std::nullopt;
    skip_blanks(rest);
    return TimeRow{name, rest};
  }
  return std::nullopt;
}

bool take_epoch_row(PanicState& state, const TextLine& line) {
  const auto row = split_time_row(line.text);
  if (!row) return false;
  std::string_view rest = row->numbers;
  const auto seconds = consume_hex(rest);
  skip_blanks(rest);
  const auto microseconds = consume_hex(rest);
  if (!seconds || !microseconds) {
    state.note(state.next_line.empty() ? NoteKind::truncated : NoteKind::damaged,
               "a row of the epoch times is incomplete", line.text);
    return true;
  }
  PanicTimes& times = state.panic().times;
  const Sourced<EpochTime> time{{*seconds, *microseconds}, state.ref(line.text)};
  if (row->name == "Boot") set_once(times.boot, time);
  if (row->name == "Sleep") set_once(times.sleep, time);
  if (row->name == "Wake") set_once(times.wake, time);
  if (row->name == "Calendar") set_once(times.calendar, time);
  return true;
}
constexpr Block kEpoch{take_epoch_row};
void read_epoch(PanicState& state, const TextLine&, std::string_view) { state.open(kEpoch); }

// Intel's table in ticks: kept as fields "Last Sleep Uptime", "Last Sleep Wake"…
bool take_last_sleep_row(PanicState& state, const TextLine& line) {
  const auto row = split_time_row(line.text);
  if (!row) return false;
  state.field("Last Sleep " + std::string(row->name), row->numbers, line.text);
  return true;
}
constexpr Block kLastSleep{take_last_sleep_row};
void read_last_sleep(PanicState& state, const TextLine&, std::string_view) {
  state.open(kLastSleep);
}

// "  Zone map: a - b", "  . GEN0  : a - b", "  Metadata: a - b": fields "Zone map", "Zone GEN0"…
bool take_zone_row(PanicState& state, const TextLine& line) {
  constexpr std::array<std::string_view, 4> kNames{"Zone map", "Metadata", "Bitmaps", "Extra"};
  std::string_view rest = line.text;
  const bool is_submap = consume(rest, ".");
  const auto name = consume_until(rest, ":");
  if (!name) return false;
  const std::string_view known = trim(*name);
  if (!is_submap && std::ranges::find(kNames, known) == kNames.end()) return false;
  const std::string prefix = known == "Zone map" ? "" : "Zone ";
  state.field(prefix + std::string(known), trim(rest), line.text);
  return true;
}
constexpr Block kZoneInfo{take_zone_row};
void read_zone_info(PanicState& state, const TextLine&, std::string_view) { state.open(kZoneInfo); }

/// A table whose rows begin or end with a number; each row becomes a field of the table's name.
bool take_table_row(PanicState& state, const TextLine& line) {
  const std::size_t blank = line.text.find_last_of(" \t");
  const bool ends_in_number = blank != std::string_view::npos && is_digit(line.text[blank + 1]);
  const bool is_header = line.text.starts_with("Thread task pri") ||
                         line.text.starts_with("Zone Name") || line.text.starts_with("Kmod");
  if (!ends_in_number && !is_header) return false;
  state.field(state.now.waiting_key, line.text, line.text);
  return true;
}
constexpr Block kTable{take_table_row};
void read_table(PanicState& state, const TextLine& line, std::string_view) {
  state.open(kTable);
  state.now.waiting_key = line.text.substr(0, line.text.find_first_of(":@"));
  state.now.waiting_key = trim(state.now.waiting_key);
}

// The user image list of an initproc panic: " 0x1000" / "\tuuid = <…>".
void keep_under_uuid_info(PanicState& state, const TextLine& line, std::string_view) {
  state.field("uuid info", line.text, line.text);
}
bool take_user_image_row(PanicState& state, const TextLine& line) {
  if (!line.text.starts_with("0x") && !line.text.starts_with("uuid =")) return false;
  keep_under_uuid_info(state, line, {});
  return true;
}
constexpr Block kUserImages{take_user_image_row};
void read_user_images(PanicState& state, const TextLine&, std::string_view) {
  state.open(kUserImages);
}

constexpr auto kPre = LineRole::preamble;
constexpr auto kBlock = LineRole::block;
constexpr std::array kLines{
    LineGrammar{"CORE ", kBlock, read_core},
    LineGrammar{"Panicked task ", kBlock, read_task},
    LineGrammar{"TPIDRx_ELy", kBlock, read_tpidr},
    LineGrammar{"ECC Corrections:"},
    LineGrammar{"Panic(CPU ", kBlock, read_other_cpu},
    LineGrammar{"cr0 0x", kPre, keep_as_line},
    LineGrammar{"Epoch Time", kBlock, read_epoch},
    LineGrammar{"Last Sleep", kBlock, read_last_sleep},
    LineGrammar{"Warning: clock is locked.", kBlock, keep_as_line},
    LineGrammar{"Zone info:", kBlock, read_zone_info},
    LineGrammar{"Largest zones:", kBlock, read_table},
    LineGrammar{"Total cpu_usage:", kBlock, read_table},
    LineGrammar{"CPU event history @", kBlock, read_table},
    LineGrammar{"uuid info:", kBlock, read_user_images},
};

}  // namespace

bool take_cpu_remark(PanicState& state, const TextLine& line) {
  constexpr std::array<std::string_view, 4> kRemarks{" successfully halted", " failed to halt",
                                                     " halted with", " panic trap number"};
  std::string_view rest = line.text;
  const bool is_cpu = consume(rest, "cpu ") || consume(rest, "CPU ");
  const bool is_pointer = rest.starts_with("NULL ") || rest.starts_with("Invalid ");
  if (is_cpu ? !consume_decimal(rest) : !is_pointer) return false;
  const bool is_remark = std::ranges::any_of(
      kRemarks, [&](std::string_view remark) { return is_cpu && rest.starts_with(remark); });
  const bool is_pointer_remark =
      is_pointer && (rest.ends_with(" pointer") || rest.find(" pointer: 0x") != rest.npos);
  if (!is_remark && !is_pointer_remark) return false;
  keep_as_line(state, line, {});
  return true;
}

std::span<const LineGrammar> core_lines() { return kLines; }

}  // namespace panicscan::parsers
