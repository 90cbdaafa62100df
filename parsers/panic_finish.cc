#include "parsers/panic_finish.h"

#include <algorithm>

#include "base/text.h"
#include "parsers/coprocessor_lines.h"
#include "parsers/message_text.h"
#include "parsers/panic_text.h"
#include "parsers/registers.h"

namespace panicscan::parsers {
namespace {

using Phase = PanicProgress::Phase;

/// The name a message is introduced by when the kernel did not print its usual head line.
void set_reporter(PanicState& state, std::string_view message, std::string_view otherwise) {
  const std::string_view coprocessor = coprocessor_of(message);
  state.panic().reporter = coprocessor.empty() ? otherwise : coprocessor;
}

/// In a text without a head line the message is the first paragraph that looks like one.
std::string_view message_without_head(const PanicState& state) {
  const PanicProgress& now = state.now;
  if (now.before.empty()) return {};
  const auto is_telling = [](const TextLine& line) { return score_panic_text(line.text) > 0; };
  auto first = std::ranges::find_if(now.before, is_telling);
  if (first == now.before.end()) {
    const bool has_other_head = !now.debugger_message.empty() || now.first_panic_lost;
    if (has_other_head) return {};
    first = now.before.begin();
  }
  auto last = first;
  const auto follows = [](const TextLine& line, const TextLine& next) {
    const std::string_view between =
        join_views(line.text, next.text)
            .substr(
                line.text.size(),
                static_cast<std::size_t>(next.text.data() - line.text.data()) - line.text.size());
    return std::ranges::count(between, '\n') <= 1;
  };
  while (last + 1 != now.before.end() && follows(*last, *(last + 1))) ++last;
  return join_views(first->text, last->text);
}

/// Lines before the head become fields; those without a name are counted in one note.
void keep_lines_before(PanicState& state) {
  PanicProgress& now = state.now;
  std::size_t unnamed = 0;
  for (const TextLine& line : now.before) {
    const bool is_message = !now.head_seen && line.text.data() >= now.message.data() &&
                            line.text.data() < now.message.data() + now.message.size();
    if (is_message) continue;
    auto pair = split_json_member(line.text);
    if (!pair) pair = split_key_value(line.text);
    if (!pair) ++unnamed;
    state.field(pair ? pair->key : "line", pair ? pair->value : line.text, line.text);
  }
  if (unnamed > 0)
    state.note(NoteKind::unknown_line,
               count_of(unnamed, "line") + " before the panic that no grammar knows",
               join_views(now.before.front().text, now.before.back().text));
  now.before.clear();
}

/// A message may hold a register dump ("Machine Check at …, registers:\nCR0: …").
void read_registers_in_message(PanicState& state, SourceRef where) {
  const std::string_view message = state.out.text(where.document);
  if (message.find(", registers:") == std::string_view::npos) return;
  RegisterSet set;
  LineReader lines(message);
  while (const auto line = lines.next()) {
    const std::string_view text = trim(line->text);
    std::vector<Register> found = text.empty() ? std::vector<Register>() : read_register_line(text);
    if (found.empty()) continue;
    if (set.registers.empty()) set.where = {where.document, line->offset, 0};
    set.where.length =
        line->offset + static_cast<std::uint32_t>(line->text.size()) - set.where.offset;
    for (Register& reg : found)
      if (!set.find(reg.name)) set.registers.push_back(std::move(reg));
  }
  if (!set.registers.empty()) state.panic().registers.push_back(std::move(set));
}

void finish_message(PanicState& state) {
  PanicProgress& now = state.now;
  Panic& panic = state.panic();
  if (!now.head_seen) {
    now.message = message_without_head(state);
    if (now.message.empty() && now.debugger_message != "panic") {
      now.message = now.debugger_message;
      set_reporter(state, now.message, "debugger");
    } else {
      set_reporter(state, now.message, "");
    }
  }
  // A head line inside an excerpt of JSON: "panicString" : "panic(…): …",
  if (now.head_prefix.ends_with('"')) {
    for (const std::string_view tail : {",", "\""})
      if (now.message.ends_with(tail)) now.message.remove_suffix(1);
  }
  now.message = trim(now.message);
  panic.raw_message = now.message;
  if (now.message.empty()) return;

  CleanMessage clean = clean_message(now.message, state.document, state.ref(now.message).offset);
  panic.style = clean.style;
  const auto place = clean.place ? clean.place : source_place_inside(now.message);
  if (place) {
    panic.source_file = {std::string(place->file), state.ref(place->file)};
    panic.source_line = place->line;
  }
  if (clean.is_cut && !now.body_seen)
    state.note(NoteKind::truncated, "the text ends inside the panic message", now.message);
  const auto length = static_cast<std::uint32_t>(clean.text.text().size());
  const std::uint32_t document = state.out.add_document(std::move(clean.text));
  panic.message = {std::string(state.out.text(document)), {document, 0, length}};
  read_registers_in_message(state, panic.message.where);
}

void note_what_is_missing(PanicState& state) {
  const PanicProgress& now = state.now;
  Panic& panic = state.panic();
  const bool is_kernel_text = now.head_seen || !now.debugger_message.empty();
  if (is_kernel_text && !now.kernel_version_seen && panic.nested.empty()) {
    const bool has_backtrace = !panic.backtraces.empty();
    state.out.note(NoteKind::truncated,
                   has_backtrace
                       ? "the panic text has no \"Kernel version\": it was cut, or is an excerpt"
                       : "only the first lines of the panic text are here",
                   panic.where);
  }
  if (now.first_panic_lost)
    state.out.note(NoteKind::remark,
                   "a nested panic comes first: the text of the original panic was lost",
                   panic.nested.front().where);
}

/// Backtraces of other CPUs stand before or after that of the panic.
void tell_backtraces_apart(PanicState& state) {
  Panic& panic = state.panic();
  bool has_panicked = false;
  for (Backtrace& trace : panic.backtraces) {
    if (trace.kind != BacktraceKind::panicked && trace.kind != BacktraceKind::cpu) continue;
    const bool is_other =
        trace.cpu && (panic.cpu ? *trace.cpu != panic.cpu->value
                                : trace.kind == BacktraceKind::cpu || has_panicked);
    trace.kind = is_other ? BacktraceKind::cpu : BacktraceKind::panicked;
    has_panicked = has_panicked || !is_other;
  }
}

void connect_frames_with_images(PanicState& state) {
  Report& report = state.out.report();
  std::map<std::string_view, Index<Image>> by_name;
  for (const Kext& kext : state.panic().kexts)
    if (kext.image) by_name.emplace(kext.bundle_id, *kext.image);
  for (const auto& [frame, bundle] : state.now.bundle_of_frame)
    if (const auto image = by_name.find(bundle); image != by_name.end())
      report.frames[frame].image = image->second;
}

/// Kernel addresses tell the processor when no version line does.
/// Source: xnu osfmk/mach/arm/vm_param.h, osfmk/mach/i386/vm_param.h.
Arch arch_of_address(std::uint64_t address) {
  const std::uint64_t top = address >> 36;
  if (top == 0xffffff7 || top == 0xffffff8) return Arch::x86_64;
  if (top == 0xfffffff || (address >> 40) == 0xfffffe) return Arch::arm64;
  return Arch::unknown;
}

}  // namespace

void begin_message(PanicState& state, const TextLine& line, const PanicHead& head) {
  PanicProgress& now = state.now;
  Panic& panic = state.panic();
  now.head_seen = true;
  now.phase = Phase::message;
  now.in_other_cpu = false;
  now.in_nested = false;
  now.head_prefix = head.prefix;
  now.cpu_text = head.cpu;
  now.caller_text = head.caller;
  now.message = head.message;
  set_reporter(state, head.message, "panic");
  panic.cpu.reset();
  panic.caller.reset();
  if (const auto cpu = parse_number(head.cpu); cpu && *cpu < 0x10000)
    panic.cpu = {static_cast<std::uint32_t>(*cpu), state.ref(head.cpu)};
  if (const auto caller = parse_hex(head.caller))
    panic.caller = {{*caller}, state.ref(head.caller)};
  else if (!head.caller.empty() && head.caller.find_first_not_of(".Xx?N") != std::string_view::npos)
    state.note(NoteKind::damaged, "the caller in the head line is no address", head.caller);
  // What a coprocessor says about itself follows as lines of its own.
  const bool is_complete =
      ends_with_source_place(line.text) || (panic.reporter != "panic" && panic.reporter != "SPTM");
  if (is_complete && !head.message.empty()) {
    now.phase = Phase::body;
    if (panic.reporter != "panic" && panic.reporter != "SPTM") open_coprocessor_lines(state);
  }
}

bool ends_with_source_place(std::string_view line) {
  return trailing_source_place(line.substr(line.size() - std::min(line.size(), std::size_t{1100})))
      .has_value();
}

void flush_unknown_lines(PanicState& state) {
  PanicProgress& now = state.now;
  if (now.unknown_lines == 0) return;
  state.note(NoteKind::unknown_line, count_of(now.unknown_lines, "line") + " that no grammar knows",
             now.unknown);
  now.unknown_lines = 0;
}

void finish_panic(PanicState& state) {
  state.close_block();
  flush_unknown_lines(state);
  PanicProgress& now = state.now;
  now.body_seen = now.phase == Phase::body;
  finish_message(state);
  keep_lines_before(state);
  Panic& panic = state.panic();
  for (RegisterSet& set : now.later_registers) panic.registers.push_back(std::move(set));
  tell_backtraces_apart(state);
  connect_frames_with_images(state);
  note_what_is_missing(state);
  Machine& machine = state.out.report().machine;
  if (machine.arch == Arch::unknown && panic.caller)
    machine.arch = arch_of_address(panic.caller->value.value);
}

void finish_text(PanicState& state) {
  if (state.disagreements.empty()) return;
  std::string names;
  for (const std::string& name : state.disagreements) names += (names.empty() ? "" : ", ") + name;
  state.out.note(NoteKind::ambiguous,
                 "the panic text disagrees with what was read before it on: " + names +
                     "; the earlier values are kept",
                 state.panic().where);
}

}  // namespace panicscan::parsers
