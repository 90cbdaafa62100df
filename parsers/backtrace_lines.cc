#include "parsers/backtrace_lines.h"

#include <array>

namespace panicscan::parsers {
namespace {

// Why a backtrace ends where it does.
// Source: xnu osfmk/arm/model_dep.c print_one_backtrace_internal(), osfmk/i386/AT386/model_dep.c.
constexpr std::array<std::string_view, 8> kEndings{"Backtrace continues...",
                                                   "Backtrace terminated-invalid frame pointer",
                                                   "Unaligned frame",
                                                   "No mapping exists for frame pointer",
                                                   "Could not read LR from frame",
                                                   "Could not read FP from frame",
                                                   "Could not print panicked thread backtrace",
                                                   "invalid frame pointer"};

void close_backtrace(PanicState& state) {
  PanicProgress& now = state.now;
  Backtrace trace = std::exchange(now.backtrace, {});
  trace.frames = state.out.add_frames(std::exchange(now.frames, {}));
  state.panic().backtraces.push_back(std::move(trace));
}

void begin_backtrace(PanicState& state, const Block& block, BacktraceKind kind,
                     std::string_view heading) {
  state.open(block);
  state.now.backtrace = {};
  state.now.backtrace.kind = kind;
  state.now.backtrace.where = state.ref(heading);
}

void add_row(PanicState& state, const BacktraceRow& row, std::string_view line) {
  PanicProgress& now = state.now;
  Frame frame;
  frame.address = {row.address};
  if (now.backtrace.kind == BacktraceKind::last_branch) frame.kind = AddressKind::pc;
  frame.reported_symbol = row.symbol;
  frame.where = state.ref(line);
  now.backtrace.where.length = frame.where.offset + frame.where.length - now.backtrace.where.offset;
  if (!row.bundle.empty() && row.bundle != "mach_kernel") {
    const auto index = state.out.report().frames.size() + now.frames.size();
    now.bundle_of_frame.emplace_back(static_cast<std::uint32_t>(index), row.bundle);
  }
  now.frames.push_back(std::move(frame));
}

bool take_ending(PanicState& state, const TextLine& line) {
  for (const std::string_view ending : kEndings) {
    if (!line.text.starts_with(ending)) continue;
    state.now.backtrace.end_reason = line.text;
    state.close_block();
    return true;
  }
  return false;
}

/// A row that breaks off because the text does.
bool take_cut_row(PanicState& state, const TextLine& line) {
  const bool is_last = state.next_line.empty();
  const bool looks_like_row = line.text.starts_with("lr:") || line.text.starts_with("0x");
  if (!is_last || !looks_like_row) return false;
  state.note(NoteKind::truncated, "the text ends inside a backtrace", line.text);
  return true;
}

/// The row of a caller that the row above was inlined into: "    outer() + 12 (a.c:9)".
bool is_inlining_caller(const PanicState& state, const TextLine& line) {
  constexpr std::string_view kMark = " [inlined]";
  const auto& frames = state.now.frames;
  const bool goes_on = !frames.empty() && frames.back().reported_symbol.ends_with(kMark);
  return goes_on && line.text.find(" + ") != std::string_view::npos &&
         !line.text.starts_with("0x") && !line.text.starts_with("lr:");
}

bool take_row(PanicState& state, const TextLine& line) {
  if (is_inlining_caller(state, line) && !read_arm_row(line.text)) return true;
  auto row = read_arm_row(line.text);
  if (!row) row = read_intel_row(line.text);
  if (!row) return take_ending(state, line) || take_cut_row(state, line);
  // A frame at zero is how many traces end; it is no frame.
  if (row->address != 0) add_row(state, *row, line.text);
  return true;
}
constexpr Block kRows{take_row, close_backtrace};

// "    0xfffffe00240b1238 [symbol]" under a heading of a heap report.
bool take_address_row(PanicState& state, const TextLine& line) {
  std::string_view rest = line.text;
  const auto address = consume_hex(rest);
  if (!address || (!rest.empty() && !is_space(rest.front()) && rest.front() != ':')) return false;
  BacktraceRow row;
  row.address = *address;
  row.symbol = trim(rest);
  add_row(state, row, line.text);
  return true;
}
constexpr Block kAddresses{take_address_row, close_backtrace};

// "Backtrace (CPU 2), panicked thread: 0x…, Frame : Return Address"
void read_intel_heading(PanicState& state, const TextLine& line, std::string_view rest) {
  begin_backtrace(state, kRows,
                  state.now.in_other_cpu ? BacktraceKind::cpu : BacktraceKind::panicked, line.text);
  if (const auto cpu = consume_decimal(rest); cpu && *cpu <= 0xffff)
    state.now.backtrace.cpu = static_cast<std::uint32_t>(*cpu);
  if (!consume_until(rest, "panicked thread:")) return;
  skip_blanks(rest);
  const std::string_view before = rest;
  if (const auto thread = consume_hex(rest))
    set_once(state.panic().thread_pointer,
             Sourced<Address>{{*thread}, state.ref(before.substr(0, before.size() - rest.size()))});
}

// "Panicked thread: 0x…, backtrace: 0x…, tid: 4242"
void read_arm_heading(PanicState& state, const TextLine& line, std::string_view rest) {
  PanicProgress& now = state.now;
  Panic& panic = state.panic();
  const bool is_second = now.in_nested && !panic.backtraces.empty() &&
                         panic.backtraces.back().kind == BacktraceKind::nested &&
                         panic.backtraces.back().where.offset > panic.nested.back().where.offset;
  if (is_second) now.in_nested = false;
  begin_backtrace(state, kRows, now.in_nested ? BacktraceKind::nested : BacktraceKind::panicked,
                  line.text);
  const std::string_view before = rest;
  const auto thread = consume_hex(rest);
  if (now.in_nested) return;
  if (thread)
    set_once(panic.thread_pointer,
             Sourced<Address>{{*thread}, state.ref(before.substr(0, before.size() - rest.size()))});
  if (consume_until(rest, "tid:")) {
    skip_blanks(rest);
    const std::string_view digits = rest;
    if (const auto tid = consume_decimal(rest))
      set_once(panic.thread,
               Sourced<ThreadId>{{*tid}, state.ref(digits.substr(0, digits.size() - rest.size()))});
  }
}

void read_unprintable(PanicState& state, const TextLine& line, std::string_view) {
  begin_backtrace(state, kRows,
                  state.now.in_nested ? BacktraceKind::nested : BacktraceKind::panicked, line.text);
  state.now.backtrace.end_reason = line.text;
}

// "LBR Stack (CPU 0):" and rows "0xfrom : 0xto", newest first.
void read_last_branches(PanicState& state, const TextLine& line, std::string_view rest) {
  begin_backtrace(state, kRows, BacktraceKind::last_branch, line.text);
  if (const auto cpu = consume_decimal(rest); cpu && *cpu <= 0xffff)
    state.now.backtrace.cpu = static_cast<std::uint32_t>(*cpu);
}

constexpr std::array kLines{
    LineGrammar{"Backtrace (CPU", LineRole::block, read_intel_heading},
    LineGrammar{"Panicked thread:", LineRole::nested_too, read_arm_heading},
    LineGrammar{"Could not print panicked thread backtrace", LineRole::nested_too,
                read_unprintable},
    LineGrammar{"LBR Stack (CPU", LineRole::block, read_last_branches},
};

}  // namespace

std::optional<BacktraceRow> read_arm_row(std::string_view line) {
  std::string_view rest = trim(line);
  if (!rest.starts_with("lr:")) {
    // One word may come before it.
    const std::size_t blank = rest.substr(0, 64).find(' ');
    if (blank == std::string_view::npos || rest[blank - (blank > 0 ? 1 : 0)] == ':')
      return std::nullopt;
    rest.remove_prefix(blank);
    skip_blanks(rest);
  }
  if (!consume(rest, "lr:")) return std::nullopt;
  skip_blanks(rest);
  BacktraceRow row;
  const auto lr = consume_hex(rest);
  skip_blanks(rest);
  if (!lr || !consume(rest, "fp:")) return std::nullopt;
  skip_blanks(rest);
  if (!consume_hex(rest)) return std::nullopt;
  rest = trim(rest);
  // The kernel prints no names here; `symbolicate` does: "example(Queue*) + 12 (a.c:3)".
  if (!rest.empty() && rest.find(" + ") == std::string_view::npos) return std::nullopt;
  row.symbol = rest;
  row.address = *lr;
  return row;
}

std::optional<BacktraceRow> read_intel_row(std::string_view line) {
  std::string_view rest = trim(line);
  const auto frame = consume_hex(rest);
  skip_blanks(rest);
  if (!frame || !consume(rest, ":")) return std::nullopt;
  skip_blanks(rest);
  const auto address = consume_hex(rest);
  if (!address || (!rest.empty() && !is_space(rest.front()))) return std::nullopt;
  BacktraceRow row;
  row.address = *address;
  rest = trim(rest);
  // "mach_kernel : _panic + 0x54", "(0x1 0x2 0x3 0x4)" of debug kernels, or nothing.
  const std::size_t colon = rest.find(" : ");
  if (colon != std::string_view::npos) {
    row.bundle = trim(rest.substr(0, colon));
    row.symbol = trim(rest.substr(colon + 3));
  } else if (!rest.starts_with('(')) {
    row.symbol = rest;
  }
  return row;
}

bool take_lone_backtrace_row(PanicState& state, const TextLine& line) {
  const auto arm = read_arm_row(line.text);
  const auto intel = arm ? std::nullopt : read_intel_row(line.text);
  if (!arm && !intel) return false;
  constexpr std::uint64_t kKernelHalf = 0xffff000000000000;
  if (intel && intel->address != 0 && intel->address < kKernelHalf) return false;
  begin_backtrace(state, kRows,
                  state.now.in_nested      ? BacktraceKind::nested
                  : state.now.in_other_cpu ? BacktraceKind::cpu
                                           : BacktraceKind::panicked,
                  line.text);
  return take_row(state, line);
}

void open_address_list(PanicState& state, BacktraceKind kind, std::string_view heading) {
  begin_backtrace(state, kAddresses, kind, heading);
}

std::span<const LineGrammar> backtrace_lines() { return kLines; }

}  // namespace panicscan::parsers
