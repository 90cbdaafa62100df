#include "analysis/analysis.h"

#include <algorithm>
#include <array>

#include "analysis/address_class.h"
#include "analysis/fault.h"
#include "analysis/message.h"
#include "base/text.h"
#include "model/names.h"
#include "model/vendor.h"

// Kernel trap at 0xffffff8012345678, type 14=page fault, registers:
//   CR0: …, CR2: …  RAX: … RIP: …
//   Fault CR2: 0x…, Error code: 0x…, Fault CPU: 0x1 VMM Kernel NX fault, PL: 0, VF: 1
// Source: xnu osfmk/i386/trap.c panic_trap, osfmk/i386/trap_native.c panic_64; the numbers from
// osfmk/i386/trap.h, the error code from Intel's SDM volume 3, "Page-Fault Exception".

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"number", ValueType::number, "trap number"},
    {"name", ValueType::text, "what the number means"},
    {"rip", ValueType::address, "the instruction"},
    {"cr2", ValueType::address, "fault address; only a page fault sets it"},
    {"error_code", ValueType::hex, "error code of the trap"},
    {"error_bits", ValueType::list, "for page faults: what the error code says"},
    {"flags", ValueType::list, "what the last line of the dump adds: VMM, Kernel NX fault…"},
    {"address_class", ValueType::text,
     "what the fault address looks like, in the words of arm.exception far_class"},
    {"pc_image", ValueType::text, "the image that rip lies in"},
    {"pc_vendor", ValueType::text, "whose image that is: apple, third_party or unknown"},
};
constexpr FactSchema kSchema{"x86.trap", "A trap that an Intel processor took in the kernel.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

struct Trap {
  std::string_view name, meaning;
};
constexpr std::array kTraps{
    Trap{"divide error", "an integer division by zero"},
    Trap{"debug trap", "a debugger's breakpoint or single step"},
    Trap{"NMI", "a non-maskable interrupt"},
    Trap{"breakpoint", "an int3 instruction"},
    Trap{"overflow", "an into instruction"},
    Trap{"bounds check", "an index out of bounds"},
    Trap{"invalid opcode", "ud2: an assertion or a check that the compiler inserted"},
    Trap{"no coprocessor", "floating point without the permission to use it"},
    Trap{"double fault",
         "an exception while entering another: usually the kernel stack overflowed"},
    Trap{"coprocessor overrun", "a fault of the floating point unit"},
    Trap{"invalid TSS", "a corrupt task state"},
    Trap{"segment not present", "a corrupt segment"},
    Trap{"stack bounds", "a stack address that is none"},
    Trap{"general protection",
         "an address that is none: a corrupted pointer; CR2 says nothing about it"},
    Trap{"page fault", "nothing mapped there, or not for this access; CR2 is the address"},
    Trap{"reserved", ""},
    Trap{"coprocessor error", "a floating point error"},
    Trap{"watchpoint", "a misaligned access with alignment checks on"},
    Trap{"machine check", "the processor or the memory reports a hardware error"},
    Trap{"SSE floating point", "an SSE floating point error"},
};
constexpr std::uint64_t kDoubleFault = 8, kPageFault = 14, kMachineCheck = 18;

struct ErrorBit {
  std::uint64_t mask;
  std::string_view set, clear;
};
constexpr std::array kErrorBits{
    ErrorBit{0x1, "protection", "not-present"}, ErrorBit{0x2, "write", "read"},
    ErrorBit{0x4, "user", "supervisor"},        ErrorBit{0x8, "reserved-bit", ""},
    ErrorBit{0x10, "instruction-fetch", ""},
};

/// What the last line of the dump may add. Source: panic_trap.
constexpr std::array kFlags{
    Trap{"VMM", "a virtual machine"},
    Trap{"Kernel NX fault", "data was executed"},
    Trap{"SMEP/User NX fault", "the kernel executed user code"},
    Trap{"SMAP fault", "the kernel touched user memory directly"},
};

/// "type 14=page fault, " and "type = 14=page fault #0x0, ", or what the first words imply.
std::optional<std::uint64_t> trap_number(std::string_view line) {
  if (line.starts_with("Double fault at ")) return kDoubleFault;
  if (line.starts_with("Machine Check at ")) return kMachineCheck;
  if (!line.starts_with("Kernel trap at ") || !skip_past(line, "type ")) return std::nullopt;
  consume(line, "= ");
  return consume_decimal(line);
}

/// The dump's last line, wherever the parser put it: "Fault CR2: … Error code: …".
std::string_view fault_line(const Input& input, const Message& message, const RegisterSet* set) {
  constexpr std::string_view kLabel = "Error code:";
  const auto line_in = [&](std::string_view text) -> std::string_view {
    const auto at = text.find(kLabel);
    if (at == std::string_view::npos) return {};
    return text.substr(at, text.find('\n', at) - at);
  };
  if (set != nullptr)
    if (const auto line = line_in(bytes_at(input.report, set->where)); !line.empty()) return line;
  if (const auto line = line_in(message.text()); !line.empty()) return line;
  for (const Field& field : input.report.fields) {
    if (field.name == "Error code") return field.value;
    if (const auto line = line_in(field.value); !line.empty()) return line;
  }
  return {};
}

void add_error_code(std::string_view line, std::uint64_t number, const RegisterSet* set,
                    Fact& fact) {
  std::string_view rest = line;
  consume(rest, "Error code:");
  skip_blanks(rest);
  auto code = consume_hex(rest);
  if (!code && set != nullptr) code = set->find("error_code");
  if (code) {
    fact.set("error_code", Value::hex(*code));
    std::vector<std::string> names;
    for (const ErrorBit& bit : kErrorBits) {
      const std::string_view name = (*code & bit.mask) != 0 ? bit.set : bit.clear;
      if (!name.empty()) names.emplace_back(name);
    }
    if (number == kPageFault) {
      fact.decoded.push_back({"error code", hex(*code), format(Value::list(names))});
      fact.set("error_bits", Value::list(std::move(names)));
    } else {
      fact.decoded.push_back(
          {"error code", hex(*code), *code == 0 ? "says nothing" : "a segment selector"});
    }
  }
  std::vector<std::string> flags;
  for (const Trap& flag : kFlags) {
    if (line.find(flag.name) == std::string_view::npos) continue;
    flags.emplace_back(flag.name);
    fact.decoded.push_back({"flag", std::string(flag.name), std::string(flag.meaning)});
  }
  fact.set("flags", Value::list(std::move(flags)));
}

/// A general protection fault does not say which address it was about; a register that holds
/// something like a pointer and is none does.
void add_bad_registers(const Input& input, const RegisterSet* set, Fact& fact) {
  if (set == nullptr) return;
  for (const Register& reg : set->registers) {
    if (!reg.name.starts_with("r") || reg.name == "rip" || reg.name == "rfl") continue;
    const std::string_view name = classify_address(reg.value, input.placer);
    if (name != "non-canonical" && name != "poison" && name != "ascii") continue;
    fact.decoded.push_back({reg.name, hex16(reg.value), address_meaning(name, reg.value)});
  }
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  const Panic& panic = *input.report.panic;
  const Message message(input.report);
  const std::string_view line = message.first_line();
  const auto number = trap_number(line);
  if (!number) return;
  const Trap trap = *number < kTraps.size() ? kTraps[*number] : Trap{"unknown", ""};
  const RegisterSet* set = fault_registers(panic);

  Fact fact(kSchema);
  fact.set("number", Value::number(*number));
  fact.set("name", Value::text(std::string(trap.name)));
  fact.decoded.push_back(
      {"trap", std::to_string(*number),
       std::string(trap.name) + (trap.meaning.empty() ? "" : ": ") + std::string(trap.meaning)});

  auto rip = fault_pc(panic);
  if (!rip && set != nullptr && set->find("rip")) rip = Address{*set->find("rip")};
  if (rip) {
    const Placement place = input.placer.place(*rip, AddressSpace::panic_text);
    fact.set("rip", Value::address(rip->value));
    if (!place.image.empty()) fact.set("pc_image", Value::text(place.image));
    fact.set("pc_vendor", Value::text(std::string(to_string(vendor_of(place.image)))));
    fact.decoded.push_back({"rip", hex16(rip->value),
                            place.image.empty()
                                ? "in no image of the report"
                                : "in " + place.image + " + " + hex(place.offset.value)});
  }
  add_error_code(fault_line(input, message, set), *number, set, fact);
  if (set != nullptr) {
    if (const auto cr2 = set->find("cr2")) {
      fact.set("cr2", Value::address(*cr2));
      if (*number == kPageFault) {
        const std::string_view name = classify_address(*cr2, input.placer);
        fact.set("address_class", Value::text(std::string(name)));
        fact.decoded.push_back({"cr2", hex16(*cr2), address_meaning(name, *cr2)});
      }
    }
    fact.because.push_back({"the registers at that moment", set->where, {}, {}});
  }
  if (*number == 13) add_bad_registers(input, set, fact);
  fact.because.insert(fact.because.begin(), message.says("the kernel took a trap", line));
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kX86Trap{"x86_trap", kSchemas, run};

}  // namespace panicscan::analysis
