#include "parsers/crash_head.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "parsers/crash_frame.h"
#include "parsers/ips_header.h"

namespace panicscan::parsers {
namespace {

/// Lines of the head that have a place in the model.
struct TextSlot {
  std::string_view name;
  std::string Crash::* slot;
};
constexpr std::array kTexts{
    TextSlot{"Path", &Crash::path},       TextSlot{"Identifier", &Crash::bundle_id},
    TextSlot{"Version", &Crash::version}, TextSlot{"Coalition", &Crash::coalition},
    TextSlot{"Date/Time", &Crash::time},  TextSlot{"Launch Time", &Crash::launch_time},
};

/// "launchd [1]" as name and number.
std::pair<std::string, std::optional<ProcessId>> read_process(std::string_view text) {
  const std::size_t open = text.rfind('[');
  if (open == std::string_view::npos || !text.ends_with(']')) return {std::string(text), {}};
  const auto pid = parse_number(text.substr(open + 1, text.size() - open - 2));
  if (!pid) return {std::string(text), {}};
  return {std::string(trim(text.substr(0, open))), ProcessId{static_cast<std::int64_t>(*pid)}};
}

/// A name in front of a colon that a line of the head may have.
bool is_head_name(std::string_view name) {
  constexpr std::size_t kLongestName = 40;
  if (name.empty() || name.size() > kLongestName || name.front() < 'A' || name.front() > 'Z')
    return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '/' || c == '-';
  });
}

}  // namespace

void CrashHead::read(std::string_view text, SourceRef where) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !is_head_name(text.substr(0, colon))) return;
  const std::string_view name = text.substr(0, colon), value = trim(text.substr(colon + 1));
  out_.add_field(std::string(name), std::string(value), where);
  take(name, value, where);
}

void CrashHead::take(std::string_view name, std::string_view value, SourceRef where) {
  Machine& machine = out_.report().machine;
  if (const auto known = std::ranges::find(kTexts, name, &TextSlot::name); known != kTexts.end()) {
    crash_.*known->slot = std::string(value);
  } else if (name == "Process") {
    std::tie(crash_.process, crash_.pid) = read_process(value);
    crash_.where = where;
  } else if (name == "Parent Process") {
    std::tie(crash_.parent, crash_.parent_pid) = read_process(value);
  } else if (name == "Code Type") {
    machine.arch = arch_of_code_type(value);
    crash_.is_translated = value.find("Translated") != std::string_view::npos;
  } else if (name == "Hardware Model") {
    machine.product = {std::string(value), where};
  } else if (name == "OS Version") {
    set_os(machine, {std::string(value), where});
  } else if (name == "Incident Identifier") {
    if (const auto uuid = parse_uuid(value)) machine.incident = {*uuid, where};
  } else if (name == "Exception Type") {
    take_exception_type(value, where);
  } else if (name == "Exception Codes") {
    take_exception_codes(value);
  } else if (name == "Exception Subtype" && crash_.exception) {
    crash_.exception->subtype = std::string(value);
  } else if (name == "Exception Message" && crash_.exception) {
    crash_.exception->message = std::string(value);
  } else if (name == "Exception Note") {
    crash_.is_corpse = value.find("EXC_CORPSE_NOTIFY") != std::string_view::npos;
    if (value.find("SIMULATED") != std::string_view::npos) crash_.is_fatal = false;
  } else if (name == "Termination Reason" || name == "Termination Signal") {
    take_termination(value, where);
  } else if (name == "Terminating Process" && crash_.termination) {
    std::tie(crash_.termination->by_process, crash_.termination->by_pid) = read_process(value);
  } else if (name == "Crashed Thread" || name == "Triggered by Thread") {
    std::string_view rest = value;
    triggered_ = consume_decimal(rest);
  }
}

/// "EXC_BAD_ACCESS (SIGSEGV)"; writers other than the system print the signal alone.
void CrashHead::take_exception_type(std::string_view value, SourceRef where) {
  Exception exception;
  const std::size_t open = value.find(" (");
  exception.type = std::string(trim(value.substr(0, open)));
  if (open != std::string_view::npos && value.ends_with(')'))
    exception.signal = std::string(value.substr(open + 2, value.size() - open - 3));
  else if (value.starts_with("SIG"))
    exception.signal = std::string(value);
  exception.where = where;
  crash_.exception = std::move(exception);
}

/// "0x0…01, 0x0…18", or "KERN_INVALID_ADDRESS at 0x…", which newer writers call the subtype.
void CrashHead::take_exception_codes(std::string_view value) {
  if (!crash_.exception) crash_.exception.emplace();
  if (value.starts_with("0x") && value.find(" at ") == std::string_view::npos)
    crash_.exception->codes = read_exception_codes(value);
  else
    crash_.exception->subtype = std::string(value);
}

/// "Namespace SIGNAL, Code 0xb", "SIGNAL 5 Trace/BPT trap: 5", or what a signal is called.
void CrashHead::take_termination(std::string_view value, SourceRef where) {
  if (!crash_.termination) crash_.termination.emplace();
  Termination& termination = *crash_.termination;
  termination.where = where;
  std::string_view rest = value;
  const bool is_spelled = consume(rest, "Namespace ");
  const std::size_t end = rest.find_first_of(" ,");
  const std::string_view word = rest.substr(0, end);
  const bool is_name = !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
  });
  if (!is_name || end == std::string_view::npos) {
    termination.indicator = std::string(value);
    return;
  }
  termination.name_space = std::string(word);
  rest = trim(rest.substr(end + 1));
  if (is_spelled) consume(rest, "Code ");
  termination.code = consume_number(rest);
  rest = trim(rest);
  consume(rest, ",");
  if (!trim(rest).empty()) termination.indicator = std::string(trim(rest));
}

}  // namespace panicscan::parsers
