#include "parsers/registers.h"

#include <algorithm>
#include <array>

namespace panicscan::parsers {
namespace {

// Source: xnu osfmk/arm64/sleh.c panic_with_thread_kernel_state(), osfmk/arm/trap.c,
// osfmk/i386/trap.c panic_trap(). arm's x0…x28 and r0…r12, x86's r8…r15 are recognised by shape.
constexpr std::array<std::string_view, 38> kNames{
    "fp",  "lr",  "sp",  "pc",  "cpsr", "esr", "far", "fsr", "cr0", "cr2", "cr3", "cr4", "rax",
    "rbx", "rcx", "rdx", "rsp", "rbp",  "rsi", "rdi", "rfl", "rip", "cs",  "ss",  "eax", "ebx",
    "ecx", "edx", "efl", "eip", "esp",  "ebp", "esi", "edi", "ds",  "es",  "fs",  "gs"};

// Names of the closing line of an x86 dump, as printed and as kept.
struct LongName {
  std::string_view printed, kept;
};
constexpr std::array kLongNames{LongName{"Fault CR2", "fault_cr2"},
                                LongName{"Error code", "error_code"},
                                LongName{"Fault CPU", "fault_cpu"}};

bool is_register_name(std::string_view name) {
  if (std::ranges::find(kNames, name) != kNames.end()) return true;
  if (name.size() < 2 || name.size() > 3 || (name[0] != 'x' && name[0] != 'r')) return false;
  return std::ranges::all_of(name.substr(1), is_digit);
}

/// The name that ends at `colon`, in the spelling we keep; empty when it is no register.
std::string name_before(std::string_view line, std::size_t colon) {
  const std::string_view before = line.substr(0, colon);
  for (const LongName& name : kLongNames)
    if (before.ends_with(name.printed)) return std::string(name.kept);
  std::size_t begin = colon;
  while (begin > 0 && colon - begin < 5 &&
         (is_digit(line[begin - 1]) || (to_lower(line.substr(begin - 1, 1))[0] >= 'a' &&
                                        to_lower(line.substr(begin - 1, 1))[0] <= 'z')))
    --begin;
  std::string name = to_lower(line.substr(begin, colon - begin));
  return is_register_name(name) ? name : std::string();
}

/// The first word of a line that can begin a dump's line.
bool begins_like_registers(std::string_view line) {
  const std::string_view head = line.substr(0, 16);
  const std::size_t colon = head.find(':');
  return colon != std::string_view::npos && !name_before(head, colon).empty();
}

void close_registers(PanicState& state) {
  RegisterSet set = std::exchange(state.now.registers, {});
  if (set.registers.empty()) return;
  const bool is_complete = set.find("pc") || set.find("rip") || set.find("eip");
  if (!is_complete && state.is_over)
    state.out.note(NoteKind::truncated, "the text ends inside the register dump", set.where);
  set.is_of_other_cpu = state.now.in_other_cpu;
  if (state.now.in_other_cpu || state.now.in_nested)
    state.now.later_registers.push_back(std::move(set));
  else
    state.panic().registers.push_back(std::move(set));
}

constexpr Block kRegisters{take_register_line, close_registers};

}  // namespace

std::vector<Register> read_register_line(std::string_view line) {
  std::vector<Register> found;
  line = trim(line);
  if (!begins_like_registers(line)) return found;
  // A dump's line is short; a longer one is something else that happens to begin like it.
  line = line.substr(0, 1000);
  // What `symbolicate` put behind it: " [pc example + 12 (a.c:3)]".
  line = line.substr(0, line.find('['));
  for (std::size_t colon = line.find(':'); colon != std::string_view::npos;
       colon = line.find(':', colon + 1)) {
    std::string_view behind = line.substr(colon + 1);
    skip_blanks(behind);
    const auto value = consume_hex(behind);
    if (!value) continue;
    std::string name = name_before(line, colon);
    if (!name.empty()) found.push_back({std::move(name), *value});
  }
  const bool is_backtrace_row = found.size() == 2 && found[0].name == "lr" && found[1].name == "fp";
  if (is_backtrace_row) found.clear();
  return found;
}

bool take_register_line(PanicState& state, const TextLine& line) {
  std::vector<Register> found = read_register_line(line.text);
  if (found.empty()) return false;
  const std::string first = found.front().name;
  const bool starts_anew = state.block != &kRegisters || state.now.registers.find(first);
  if (starts_anew) {
    state.open(kRegisters);
    state.now.registers.where = state.ref(line.text);
  }
  RegisterSet& set = state.now.registers;
  for (Register& reg : found) set.registers.push_back(std::move(reg));
  set.where.length = state.ref(line.text).offset + state.ref(line.text).length - set.where.offset;
  if (first == "fault_cr2" || first == "error_code") {
    if (const auto pair = split_key_value(line.text))
      state.field(pair->key, pair->value, line.text);
  }
  return true;
}

}  // namespace panicscan::parsers
