#include "parsers/panic_preamble.h"

#include <algorithm>
#include <array>

#include "parsers/panic_finish.h"
#include "parsers/panic_state.h"

// Lines around the head line: nested panics, CPUs that do not stop, the machine-check dump, the
// frame of old report files, notes on the stackshot.

namespace panicscan::parsers {
namespace {

void keep_as_line(PanicState& state, const TextLine& line, std::string_view) {
  state.field("line", line.text, line.text);
}

void keep_as_other_string(PanicState& state, const TextLine& line, std::string_view) {
  state.field("otherString", line.text, line.text);
}

// "Nested panic detected - entry count: 2 panic_caller: 0xfffffe00…"
void read_nested(PanicState& state, const TextLine& line, std::string_view rest) {
  keep_as_line(state, line, rest);
  PanicProgress& now = state.now;
  NestedPanic nested;
  nested.where = state.ref(line.text);
  nested.entry_count = consume_decimal(rest);
  if (consume_until(rest, "panic_caller:")) {
    skip_blanks(rest);
    if (const auto caller = consume_hex(rest)) nested.caller = Address{*caller};
  }
  state.panic().nested.push_back(std::move(nested));
  if (!now.head_seen && now.debugger_message.empty()) now.first_panic_lost = true;
  now.in_nested = true;
}

// Serial consoles print the nested panic's text between two marks; a register dump in there
// belongs to the fault of the panic printer.
bool take_nested_string(PanicState& state, const TextLine& line) {
  if (line.text.starts_with("<end nested panic string>")) return state.close_block(), true;
  if (is_known_panic_line(line.text)) return false;
  NestedPanic& nested = state.panic().nested.back();
  if (!nested.message.empty()) nested.message += '\n';
  nested.message += line.text;
  return true;
}
constexpr Block kNestedString{take_nested_string};

void read_nested_string(PanicState& state, const TextLine& line, std::string_view rest) {
  if (state.panic().nested.empty()) {
    state.panic().nested.emplace_back();
    state.panic().nested.back().where = state.ref(line.text);
  }
  state.panic().nested.back().message = rest;
  state.open(kNestedString);
}

void read_debugger(PanicState& state, const TextLine&, std::string_view rest) {
  PanicProgress& now = state.now;
  if (rest.starts_with('<') && rest.ends_with('>')) rest = rest.substr(1, rest.size() - 2);
  if (now.debugger_message.empty()) now.debugger_message = rest;
}

// "*** Panic Report ***", and its kin; nothing to read.
void skip(PanicState&, const TextLine&, std::string_view) {}

// Source: xnu osfmk/i386/machine_check.c mca_dump(): everything up to the head line.
bool take_machine_check_line(PanicState& state, const TextLine& line) {
  if (is_known_panic_line(line.text)) return false;
  const auto pair = split_key_value(line.text);
  state.field(pair ? pair->key : "Machine-check", pair ? pair->value : line.text, line.text);
  return true;
}
constexpr Block kMachineCheck{take_machine_check_line};

void read_machine_check(PanicState& state, const TextLine&, std::string_view) {
  state.open(kMachineCheck);
}

// The hardware list of old reports runs to the end of the file.
bool take_system_profile_line(PanicState& state, const TextLine& line) {
  state.field("System Profile", line.text, line.text);
  return true;
}
constexpr Block kSystemProfile{take_system_profile_line};

void read_system_profile(PanicState& state, const TextLine&, std::string_view) {
  state.open(kSystemProfile);
}

void read_bad_magic(PanicState& state, const TextLine& line, std::string_view rest) {
  keep_as_line(state, line, rest);
  state.note(NoteKind::remark,
             "the boot loader found no panic log: the reset was not a clean panic", line.text);
}

// Source: xnu osfmk/kern/debug.c, osfmk/arm/model_dep.c (halting CPUs),
// osfmk/i386/AT386/model_dep.c.
constexpr auto kInside = LineRole::inside_message;
constexpr auto kPre = LineRole::preamble;
constexpr auto kBody = LineRole::block;
constexpr std::array kLines{
    LineGrammar{"Nested panic detected - entry count:", kPre, read_nested},
    LineGrammar{"Nested panic count exceeds limit", kPre, keep_as_line},
    LineGrammar{"Nested panic string:", kPre, read_nested_string},
    LineGrammar{"<end nested panic string>", kPre, skip},
    LineGrammar{"Nested panic stall.", kPre, keep_as_line},
    LineGrammar{"In Nested panic stall.", kPre, keep_as_line},
    LineGrammar{"Attempting to forcibly halt cpu ", kPre, keep_as_line},
    LineGrammar{"Unable to obtain state for cpu ", kPre, keep_as_line},
    LineGrammar{"Immediate halt requested on all cores", kPre, keep_as_line},
    LineGrammar{"Debugger synchronization timed out", kPre, keep_as_line},
    LineGrammar{"IOPlatformPanicAction -> ", kPre, keep_as_line},
    LineGrammar{"User requested platform stall.", kPre, keep_as_line},
    LineGrammar{"kernel panicked before debug and trace infrastructure", kPre, keep_as_line},
    LineGrammar{"*** Panic Report ***", kPre, skip},
    LineGrammar{"Anonymous UUID:", kPre},
    LineGrammar{"Debugger: Unexpected kernel trap number:", kPre},
    LineGrammar{"Debugger called:", kPre, read_debugger},
    LineGrammar{"Debugger message:", kBody, read_debugger},
    LineGrammar{"Machine-check capabilities:", kPre, read_machine_check},
    LineGrammar{"BAD MAGIC!", kPre, read_bad_magic},
    LineGrammar{"Failure code::", kInside},
    LineGrammar{"Backtracing specified thread", kBody, keep_as_line},
    LineGrammar{"Please go to https://panic.apple.com", kBody, skip},
    LineGrammar{"System Profile:", kBody, read_system_profile},
    LineGrammar{"** Stackshot", kBody, keep_as_other_string},
    LineGrammar{"** In Memory Panic Stackshot", kBody, keep_as_other_string},
    LineGrammar{"** Exclaves", kBody, keep_as_other_string},
    LineGrammar{"!! ", kBody, keep_as_other_string},
    LineGrammar{"kcdata_memory_static_init returned", kBody, keep_as_other_string},
    LineGrammar{"skipping local kernel core because", kBody, keep_as_other_string},
};

}  // namespace

bool take_date_line(PanicState& state, const TextLine& line) {
  constexpr std::array<std::string_view, 7> kDays{"Mon ", "Tue ", "Wed ", "Thu ",
                                                  "Fri ", "Sat ", "Sun "};
  constexpr std::size_t kShortest = 23;  // "Mon Oct 9 13:57:35 2018"
  const std::string_view text = line.text;
  if (text.size() < kShortest || text.size() > kShortest + 10) return false;
  const bool has_day = std::ranges::find(kDays, text.substr(0, 4)) != kDays.end();
  const bool has_clock = std::ranges::count(text, ':') == 2;
  const bool has_year = std::ranges::all_of(text.substr(text.size() - 4), is_digit);
  if (!has_day || !has_clock || !has_year) return false;
  state.field("date", text, text);
  return true;
}

std::span<const LineGrammar> preamble_lines() { return kLines; }

std::optional<KeyValue> split_key_value(std::string_view line) {
  constexpr std::size_t kLongestKey = 60;
  const std::size_t colon = line.substr(0, kLongestKey + 1).find(':');
  if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
  const char first = line.front();
  const bool is_letter = (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z');
  const bool is_name_alone = colon + 1 == line.size() || is_space(line[colon + 1]);
  if (!is_letter || !is_name_alone) return std::nullopt;
  return KeyValue{trim(line.substr(0, colon)), trim(line.substr(colon + 1))};
}

std::optional<KeyValue> split_json_member(std::string_view line) {
  if (line.ends_with(',')) line.remove_suffix(1);
  if (!consume(line, "\"")) return std::nullopt;
  const auto key = consume_until(line, "\"");
  line = trim(line);
  if (!key || key->empty() || !consume(line, ":")) return std::nullopt;
  line = trim(line);
  if (line.size() >= 2 && line.starts_with('"') && line.ends_with('"'))
    line = line.substr(1, line.size() - 2);
  return KeyValue{*key, line};
}

}  // namespace panicscan::parsers
