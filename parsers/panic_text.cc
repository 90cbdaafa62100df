#include "parsers/panic_text.h"

#include <algorithm>
#include <array>

#include "parsers/backtrace_lines.h"
#include "parsers/kext_lines.h"
#include "parsers/panic_cores.h"
#include "parsers/panic_finish.h"
#include "parsers/panic_head.h"
#include "parsers/panic_preamble.h"
#include "parsers/panic_state.h"
#include "parsers/registers.h"

// The panic text is a log that several writers append to, no document: every part is optional and
// may repeat. Lines are told apart by how they begin (LineGrammar) or by their shape (LineShape);
// a part that spans lines is a Block. Everything between the head line and the first line that is
// known belongs to the message.
// Source: xnu osfmk/kern/debug.c, osfmk/arm/model_dep.c do_print_all_backtraces(),
// osfmk/i386/AT386/model_dep.c panic_i386_backtrace().

namespace panicscan::parsers {
namespace {

using Phase = PanicProgress::Phase;

/// All line grammars, by their first character; longer prefixes first.
class GrammarIndex {
 public:
  GrammarIndex() {
    for (const auto table : {preamble_lines(), value_lines(), core_lines(), backtrace_lines(),
                             kext_grammars(), heap_lines()})
      for (const LineGrammar& row : table) bucket(row.prefix.front()).push_back(&row);
    for (auto& rows : buckets_)
      std::ranges::stable_sort(rows, std::ranges::greater{},
                               [](const LineGrammar* row) { return row->prefix.size(); });
  }
  const LineGrammar* find(std::string_view text) const {
    for (const LineGrammar* row : buckets_[static_cast<unsigned char>(text.front())])
      if (text.starts_with(row->prefix)) return row;
    return nullptr;
  }

 private:
  std::vector<const LineGrammar*>& bucket(char first) {
    return buckets_[static_cast<unsigned char>(first)];
  }
  std::array<std::vector<const LineGrammar*>, 256> buckets_;
};

const GrammarIndex& grammars() {
  static const GrammarIndex index;
  return index;
}

// Lines without a fixed beginning, and parts that can begin without a line that announces them.
struct Shape {
  LineShape take;
  LineRole role = LineRole::block;
};
constexpr std::array kShapes{Shape{take_register_line},
                             Shape{take_lone_backtrace_row},
                             Shape{take_dext_line},
                             Shape{take_lone_kext_range},
                             Shape{take_cpu_remark, LineRole::preamble},
                             Shape{take_date_line, LineRole::preamble}};

bool take_head(PanicState& state, const TextLine& line) {
  PanicProgress& now = state.now;
  const auto head = read_panic_head(line.text, now.phase == Phase::before_head && !now.head_seen);
  if (!head) return false;
  state.close_block();
  flush_unknown_lines(state);
  if (now.in_nested && now.head_seen) {
    // The head line that a nested panic prints must not replace that of the panic.
    now.in_nested = false;
    if (NestedPanic& nested = state.panic().nested.back(); nested.message.empty())
      nested.message = head->message;
    return true;
  }
  if (now.head_seen) {
    const bool is_repeated = now.phase == Phase::message && !head->caller.empty() &&
                             head->caller == now.caller_text && head->cpu == now.cpu_text;
    if (!is_repeated) {
      const std::uint32_t here = state.ref(line.text).offset;
      state.panic().where.length = here - state.panic().where.offset;
      finish_panic(state);
      state.out.begin_another_panic();
      state.panic().where = {state.document, here,
                             static_cast<std::uint32_t>(state.text.size()) - here};
      state.now = {};
    }
  }
  begin_message(state, line, *head);
  return true;
}

void take_known_line(PanicState& state, const TextLine& line, const LineGrammar& row) {
  PanicProgress& now = state.now;
  flush_unknown_lines(state);
  if (row.role == LineRole::inside_message && now.phase == Phase::message) {
    now.message = join_views(now.message, line.text);
  } else {
    if (now.phase == Phase::message || row.role != LineRole::preamble) now.phase = Phase::body;
    if (row.role != LineRole::nested_too) now.in_nested = false;
  }
  const std::string_view rest = trim(line.text.substr(row.prefix.size()));
  if (row.prefix.ends_with(':') && !rest.empty())
    state.field(row.prefix.substr(0, row.prefix.find(':')), rest, line.text);
  if (row.read != nullptr) return row.read(state, line, rest);
  if (row.prefix.ends_with(':')) return;
  const auto pair = split_key_value(line.text);
  state.field(pair ? pair->key : "line", pair ? pair->value : line.text, line.text);
}

void take_unknown_line(PanicState& state, const TextLine& line) {
  PanicProgress& now = state.now;
  if (now.phase == Phase::before_head) {
    now.before.push_back(line);
  } else if (now.phase == Phase::message) {
    now.message = now.message.empty() ? line.text : join_views(now.message, line.text);
    if (ends_with_source_place(line.text)) now.phase = Phase::body;
  } else if (const auto pair = split_key_value(line.text)) {
    flush_unknown_lines(state);
    state.field(pair->key, pair->value, line.text);
  } else {
    now.unknown = now.unknown_lines == 0 ? line.text : join_views(now.unknown, line.text);
    ++now.unknown_lines;
    state.field("line", line.text, line.text);
  }
}

/// "...", "(…)", "[snip]": what people put where they left lines out.
bool take_omission(PanicState& state, const TextLine& line) {
  constexpr std::array<std::string_view, 3> kWords{"[snip]", "<snip>", "(snip)"};
  const bool has_dots = line.text.find("..") != std::string_view::npos &&
                        line.text.find_first_not_of(".()[]<> ") == std::string_view::npos;
  if (!has_dots && std::ranges::find(kWords, line.text) == kWords.end()) return false;
  state.field("line", line.text, line.text);
  state.note(NoteKind::truncated, "lines were left out here", line.text);
  return true;
}

void take_line(PanicState& state, const TextLine& line) {
  if (take_head(state, line)) return;
  if (state.now.phase != Phase::before_head && take_omission(state, line)) return;
  if (state.block != nullptr) {
    if (state.block->take(state, line)) return;
    state.close_block();
  }
  if (const LineGrammar* row = grammars().find(line.text)) {
    take_known_line(state, line, *row);
    return;
  }
  for (const Shape& shape : kShapes) {
    if (!shape.take(state, line)) continue;
    flush_unknown_lines(state);
    if (state.now.phase == Phase::message || shape.role != LineRole::preamble)
      state.now.phase = Phase::body;
    return;
  }
  take_unknown_line(state, line);
}

}  // namespace

bool is_known_panic_line(std::string_view text) {
  return !text.empty() && grammars().find(text) != nullptr;
}

void parse_panic_text(std::uint32_t document, ReportBuilder& out) {
  PanicState state(document, out);
  state.panic().where = {document, 0, static_cast<std::uint32_t>(state.text.size())};
  // Reading two lines ahead by one: blank lines are left out.
  LineReader reader(state.text);
  const auto next_line = [&]() -> std::optional<TextLine> {
    while (const auto line = reader.next())
      if (const std::string_view text = trim(line->text); !text.empty())
        return TextLine{line->text, text};
    return std::nullopt;
  };
  std::optional<TextLine> next = next_line();
  if (!next) out.note(NoteKind::truncated, "the panic text is empty", state.panic().where);
  while (next) {
    const TextLine line = *next;
    next = next_line();
    state.next_line = next ? next->text : std::string_view();
    state.last_line = line.text;
    take_line(state, line);
  }
  state.is_over = true;
  finish_panic(state);
  finish_text(state);
}

}  // namespace panicscan::parsers
