#include "analysis/analysis.h"

#include <algorithm>
#include <array>

#include "analysis/address_class.h"
#include "analysis/arm_syndrome.h"
#include "analysis/fault.h"
#include "analysis/message.h"
#include "base/text.h"
#include "model/names.h"
#include "model/vendor.h"

// Kernel data abort. at pc 0x…, lr 0x… (saved state: 0x…)
//   x0: … fp: … lr: … sp: …
//   pc: … cpsr: … esr: 0x0000000096000006  far: 0x0000000000000008
// Source: xnu osfmk/arm64/sleh.c, panic_with_thread_kernel_state and its callers.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"kind", ValueType::text,
     "data-abort, instruction-abort, unaligned, pac, brk, bti, tag-check, undefined, alignment, "
     "serror, stack or other"},
    {"pc", ValueType::address, "the instruction, without signature bits"},
    {"lr", ValueType::address, "where its function would return to, without signature bits"},
    {"far", ValueType::address, "fault address register"},
    {"esr", ValueType::hex, "exception syndrome register"},
    {"ec", ValueType::number, "exception class, bits 31:26 of esr"},
    {"ec_name", ValueType::text, "what the class means"},
    {"fault_status", ValueType::number, "fault status code, bits 5:0 of esr, for aborts"},
    {"fault_name", ValueType::text, "what the code means"},
    {"access", ValueType::text, "read, write or execute"},
    {"far_class", ValueType::text,
     "what the fault address looks like: null, near-null, poison, user, iova, kernel-text, "
     "kernel-heap, kernel, non-canonical, ascii or unknown"},
    {"far_valid", ValueType::boolean, "whether the processor says that the fault address is valid"},
    {"pc_image", ValueType::text, "the image that pc lies in"},
    {"pc_function", ValueType::text, "the function that pc lies in, when its symbols are there"},
    {"pc_vendor", ValueType::text, "whose image that is: apple, third_party or unknown"},
    {"lr_image", ValueType::text, "the image that lr lies in"},
    {"comment", ValueType::hex, "the number in a brk instruction"},
    {"key", ValueType::text, "the pointer authentication key: IA, IB, DA or DB"},
};
constexpr FactSchema kSchema{"arm.exception",
                             "An exception that an arm64 processor took in the kernel.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// The beginning of a message and the kind of exception that it means.
struct Form {
  std::string_view text, kind;
};
// The first row that fits decides, so the special come before the general.
constexpr std::array kForms{
    Form{"Kernel data abort", "data-abort"},
    Form{"Unaligned kernel data abort", "unaligned"},
    Form{"Kernel instruction fetch abort", "instruction-abort"},
    Form{"Kernel tag check fault", "tag-check"},
    Form{"Kernel parity error", "other"},
    Form{"Kernel BTI failure", "bti"},
    Form{"BTI failure", "bti"},
    Form{"PAC failure from kernel", "pac"},
    Form{"Break 0x", "brk"},
    Form{"panic: corrupt list around element", "brk"},
    Form{"panic: string operation caused an overflow", "brk"},
    Form{"Undefined kernel instruction", "undefined"},
    Form{"PC alignment exception from kernel", "alignment"},
    Form{"SP alignment exception from kernel", "alignment"},
    Form{"Invalid kernel stack pointer", "stack"},
    Form{"SError esr", "serror"},
    Form{"Unexpected fault in kernel", "data-abort"},
    Form{"Unexpected page fault under dtrace_probe", "data-abort"},
    Form{"Synchronous exception taken while SP1 selected", "other"},
    Form{"Panic lockdown initiated", "other"},
    Form{"Unsupported Class ", "other"},
    Form{"Floating point exception from kernel", "other"},
    Form{"SW_STEP_DEBUG exception from kernel", "other"},
    Form{"Hardware Breakpoint Debug exception from kernel", "other"},
    Form{"Software Step Debug exception from kernel", "other"},
};

std::optional<std::uint64_t> number_behind(std::string_view text, std::string_view label) {
  if (!skip_past(text, label)) return std::nullopt;
  skip_blanks(text);
  return consume_hex(text);
}

/// The values at the fault, from the message and from the register dump.
struct Values {
  std::optional<std::uint64_t> pc, lr, far, esr;
  const RegisterSet* registers = nullptr;
};

Values values_of(const Panic& panic, std::string_view line, std::string_view kind) {
  Values values;
  const auto value_of = [](std::optional<Address> a) -> std::optional<std::uint64_t> {
    return a ? std::optional(a->value) : std::nullopt;
  };
  values.pc = value_of(fault_pc(panic));
  values.lr = value_of(address_behind(line, ", lr "));
  values.registers = fault_registers(panic);
  if (kind == "serror") {
    values.esr = number_behind(line, "esr:");
    values.far = number_behind(line, "far:");
  }
  if (values.registers == nullptr) return values;
  const auto fill = [&](std::optional<std::uint64_t>& value, std::string_view name) {
    if (!value) value = values.registers->find(name);
  };
  fill(values.pc, "pc");
  fill(values.lr, "lr");
  fill(values.far, "far");
  fill(values.esr, "esr");
  return values;
}

/// "lies in com.example.driver + 0x12", or why that cannot be told.
std::string describe(const Placement& place) {
  if (place.status == PlacementStatus::not_code) return "not the address of any code";
  if (place.image.empty()) return "in no image of the report";
  return "in " + place.image + " + " + hex(place.offset.value) +
         (place.is_guess ? ", by the base alone" : "");
}

void add_code_address(const Input& input, std::string_view name, std::uint64_t value, Fact& fact) {
  const Address stripped = input.placer.strip({value});
  const Placement place = input.placer.place(stripped, AddressSpace::panic_text);
  const bool is_pc = name == "pc";
  fact.set(name, Value::address(stripped.value));
  if (!place.image.empty()) fact.set(is_pc ? "pc_image" : "lr_image", Value::text(place.image));
  if (is_pc) fact.set("pc_vendor", Value::text(std::string(to_string(vendor_of(place.image)))));
  if (const auto* found = input.symbols.find({value});
      is_pc && found != nullptr && !found->names.empty())
    fact.set("pc_function", Value::text(found->names.back().function));
  std::string meaning = describe(place);
  if (stripped.value != value) meaning += "; printed with a signature as " + hex16(value);
  fact.decoded.push_back({std::string(name), hex16(stripped.value), std::move(meaning)});
}

void add_syndrome(std::uint64_t esr, Fact& fact) {
  const unsigned ec = exception_class(esr);
  const std::string_view name = class_name(ec);
  auto& rows = fact.decoded;
  fact.set("esr", Value::hex(esr));
  fact.set("ec", Value::number(ec));
  if (!name.empty()) fact.set("ec_name", Value::text(std::string(name)));
  rows.push_back({"esr", hex(esr), "why the processor took the exception"});
  rows.push_back({"exception class", hex(ec), std::string(name)});
  if (is_break(ec)) {
    const std::uint32_t comment = specific_syndrome(esr) & 0xffff;
    fact.set("comment", Value::hex(comment));
    rows.push_back({"brk", hex(comment), std::string(break_meaning(comment))});
    if (const auto key = break_key(comment); !key.empty())
      fact.set("key", Value::text(std::string(key)));
  }
  if (!is_abort(ec)) return;

  const unsigned status = fault_status(esr);
  const std::string_view fault = fault_name(status);
  fact.set("fault_status", Value::number(status));
  if (!fault.empty()) fact.set("fault_name", Value::text(std::string(fault)));
  rows.push_back({"fault status", hex(status),
                  std::string(fault) + (fault_meaning(status).empty() ? "" : ": ") +
                      std::string(fault_meaning(status))});
  const bool executes = is_instruction_abort(ec);
  const std::string access = executes ? "execute" : is_write(esr) ? "write" : "read";
  fact.set("access", Value::text(access));
  rows.push_back(
      {"access", access,
       !executes && is_cache_maintenance(esr) ? "by a cache maintenance instruction" : ""});
  if (is_on_table_walk(esr))
    rows.push_back({"table walk", "yes", "met while reading the page tables"});
  if (is_external_type(esr))
    rows.push_back({"external abort type", "1", "its meaning is the SoC's own"});
}

/// The registers from which the fault address was probably formed: "x8 + 0x18".
void add_base_registers(const Values& values, std::uint64_t far, const Placer& placer, Fact& fact) {
  constexpr std::uint64_t kReach = 0x1000;
  constexpr std::uint64_t kSmall = 0x10000;
  if (values.registers == nullptr || far < kSmall) return;
  std::string bases;
  int found = 0;
  for (const Register& reg : values.registers->registers) {
    if (!reg.name.starts_with("x") || reg.value < kSmall) continue;
    const std::uint64_t value = placer.strip({reg.value}).value;
    const std::uint64_t target = placer.strip({far}).value;
    if (value > target || target - value >= kReach || found == 4) continue;
    bases += (found++ == 0 ? "" : ", ") + reg.name +
             (value == target ? "" : " + " + hex(target - value));
  }
  if (found > 0)
    fact.decoded.push_back(
        {"far is", bases, "registers that the address was probably formed from"});
}

void add_far(const Input& input, const Values& values, std::string_view kind, Fact& fact) {
  if (!values.far) return;
  const std::uint64_t far = *values.far;
  const bool valid = !values.esr || is_far_valid(*values.esr);
  fact.set("far", Value::address(far));
  fact.set("far_valid", Value::boolean(valid));
  if (!valid && kind != "serror") {
    fact.decoded.push_back(
        {"far", hex16(far), "not set by this exception: left over from another"});
    return;
  }
  const std::string_view name = classify_address(far, input.placer);
  fact.set("far_class", Value::text(std::string(name)));
  const bool is_tagged = kind == "tag-check" && name == "kernel-heap";
  fact.decoded.push_back(
      {"far", hex16(far),
       is_tagged ? "a kernel address outside the code: heap, as only its memory carries tags"
                 : address_meaning(name, far)});
  add_base_registers(values, far, input.placer, fact);
}

/// What only the message tells: the key and the tags.
void add_words(std::string_view line, const Values& values, Fact& fact) {
  std::string_view rest = line;
  if ((skip_past(rest, "failure from kernel with ") || skip_past(rest, "Ptrauth failure with "))) {
    const std::string_view key =
        consume_while(rest, [](char c) { return is_name_character(c, ""); });
    if (!key.empty()) fact.set("key", Value::text(std::string(key)));
    if (consume(rest, " key while ")) {
      const std::string_view what = rest.substr(0, rest.find(" at pc"));
      fact.decoded.push_back(
          {"signature", std::string(key) + " key", "failed while " + std::string(what)});
    } else if (const auto result = number_behind(rest, "resulted in")) {
      fact.decoded.push_back(
          {"signature", std::string(key) + " key", "the check left " + hex16(*result)});
    }
  }
  if (const auto tagged = number_behind(line, "expected tagged address:"); tagged && values.far) {
    const unsigned memory = memory_tag(*tagged), pointer = memory_tag(*values.far);
    fact.decoded.push_back({"tags", "pointer " + hex(pointer) + ", memory " + hex(memory),
                            pointer == memory ? "the same by now: the memory was tagged again since"
                                              : "the memory belongs to another allocation than the "
                                                "pointer: freed since, or past its end"});
  }
  if (const auto element = number_behind(line, "corrupt list around element"))
    fact.decoded.push_back(
        {"element", hex16(*element), "of a linked list whose neighbours disagree"});
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic || input.report.machine.arch == Arch::x86_64) return;
  const Panic& panic = *input.report.panic;
  const Message message(input.report);
  const std::string_view line = message.first_line();
  const auto form =
      std::ranges::find_if(kForms, [&](const Form& f) { return line.starts_with(f.text); });
  if (form == kForms.end()) return;
  std::string_view kind = form->kind;
  const Values values = values_of(panic, line, kind);

  Fact fact(kSchema);
  if (values.pc) add_code_address(input, "pc", *values.pc, fact);
  if (values.lr) add_code_address(input, "lr", *values.lr, fact);
  if (values.esr) add_syndrome(*values.esr, fact);
  if (const auto comment = number_behind(line, "Break ");
      comment && fact.find("comment") == nullptr) {
    fact.set("comment", Value::hex(*comment));
    fact.decoded.push_back(
        {"brk", hex(*comment), std::string(break_meaning(static_cast<std::uint32_t>(*comment)))});
  }
  add_words(line, values, fact);
  if (kind == "brk" && fact.find("key") != nullptr) kind = "pac";
  if (kind == "data-abort" && values.esr && fault_status(*values.esr) == 0x11) kind = "tag-check";
  fact.set("kind", Value::text(std::string(kind)));
  add_far(input, values, kind, fact);

  fact.because.push_back(message.says("the kernel took an exception", line));
  if (values.registers != nullptr)
    fact.because.push_back({"the registers at that moment", values.registers->where, {}, {}});
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kArmException{"arm_exception", kSchemas, run};

}  // namespace panicscan::analysis
