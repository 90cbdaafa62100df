#include <algorithm>
#include <array>

#include "analysis/address_class.h"
#include "analysis/analysis.h"
#include "analysis/message.h"
#include "base/text.h"

// The exception that ended a process, and the address that it was about:
//   EXC_BAD_ACCESS (SIGSEGV), KERN_INVALID_ADDRESS at 0x0000000000000018
//   EXC_CRASH (SIGABRT)
// Source: Apple, "Understanding the exception types in a crash report"; xnu
// osfmk/mach/exception_types.h and kern_return.h.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"type", ValueType::text, "EXC_BAD_ACCESS, EXC_CRASH, EXC_BREAKPOINT…"},
    {"signal", ValueType::text, "SIGSEGV, SIGABRT, SIGTRAP, SIGKILL…"},
    {"subtype", ValueType::text, "as printed: KERN_INVALID_ADDRESS at 0x…"},
    {"message", ValueType::text, "what some systems add"},
    {"address", ValueType::address, "the address that could not be used"},
    {"address_class", ValueType::text,
     "null, near-null, poison, ascii, iova, user, non-canonical or another half of the address "
     "space"},
    {"fault", ValueType::text, "what the processor says: \"(Data Abort) byte read Translation…\""},
    {"pc", ValueType::address, "where the processor was"},
    {"stack_guard", ValueType::boolean,
     "whether the address lies in the guard page of a stack, or just below the stack pointer"},
};
constexpr FactSchema kSchema{"crash.exception", "The Mach exception that ended a process.",
                             kFields};
constexpr const FactSchema* kSchemas[] = {&kSchema};

struct TypeWords {
  std::string_view type, meaning;
};
constexpr std::array kTypes{
    TypeWords{"EXC_BAD_ACCESS", "memory was used that is not mapped, or not for this kind of use"},
    TypeWords{"EXC_BAD_INSTRUCTION", "an instruction that the processor refuses"},
    TypeWords{"EXC_ARITHMETIC", "division by zero or another arithmetic error"},
    TypeWords{"EXC_BREAKPOINT", "a trap that the compiler placed: a check of the program failed"},
    TypeWords{"EXC_CRASH", "the process ended by a signal"},
    TypeWords{"EXC_RESOURCE", "a limit on a resource was exceeded"},
    TypeWords{"EXC_GUARD", "a guarded resource (descriptor, port, memory) was misused"},
    TypeWords{"EXC_CORPSE_NOTIFY", "the process died; the report was made from what was left"},
};

std::optional<std::uint64_t> address_of(const Crash& crash) {
  const Exception& exception = *crash.exception;
  std::string_view text = exception.subtype;
  if (skip_past(text, " at "))
    if (const auto address = consume_hex(text)) return address;
  if (exception.type != "EXC_BAD_ACCESS") return std::nullopt;
  if (exception.codes.size() >= 2) return exception.codes[1];
  return crash.registers ? crash.registers->find("far") : std::nullopt;
}

std::optional<std::uint64_t> any_register(const RegisterSet& registers,
                                          std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const auto value = registers.find(name)) return value;
  return std::nullopt;
}

/// The name of the region that the address lies in, which an arrow marks: "STACK GUARD", "__TEXT".
/// Empty when the address lies in none, or the report does not say.
std::string region_name(const Crash& crash) {
  LineReader lines(crash.vm_region);
  while (const auto line = lines.next()) {
    std::string_view text = trim(line->text);
    if (consume(text, "--->")) return to_lower(trim(text).substr(0, trim(text).find("  ")));
  }
  return {};
}

bool is_in_stack_guard(const Crash& crash, std::uint64_t address) {
  const std::string region = region_name(crash);
  if (!region.empty()) return region.find("stack guard") != std::string::npos;
  // A function's frame starts below the stack pointer of its caller.
  constexpr std::uint64_t kLargestFrame = 65536;
  if (!crash.registers || crash.exception->type != "EXC_BAD_ACCESS") return false;
  const auto sp = any_register(*crash.registers, {"sp", "rsp", "esp"});
  return sp && address < *sp && *sp - address <= kLargestFrame;
}

void run(const Input& input, Facts& facts) {
  if (!input.report.crash || !input.report.crash->exception) return;
  const Crash& crash = *input.report.crash;
  const Exception& exception = *crash.exception;
  Fact fact(kSchema);
  const auto set = [&](std::string_view field, const std::string& text) {
    if (!text.empty()) fact.set(field, Value::text(text));
  };
  set("type", exception.type);
  set("signal", exception.signal);
  set("subtype", exception.subtype);
  set("message", exception.message);
  set("fault", std::string(trim(crash.fault)));

  const auto type = std::ranges::find(kTypes, exception.type, &TypeWords::type);
  if (type != kTypes.end()) {
    std::string meaning(type->meaning);
    const bool is_crash = exception.type == "EXC_CRASH";
    if (is_crash && exception.signal == "SIGABRT")
      meaning = "the process ended itself with abort()";
    if (is_crash && exception.signal.starts_with("SIGKILL")) meaning = "the process was killed";
    fact.decoded.push_back({"exception", exception.type, std::move(meaning)});
  }
  if (const auto address = address_of(crash)) {
    const std::string_view kind = classify_address(*address, input.placer);
    fact.set("address", Value::address(*address));
    fact.set("address_class", Value::text(std::string(kind)));
    const bool is_guard = is_in_stack_guard(crash, *address);
    fact.set("stack_guard", Value::boolean(is_guard));
    std::string meaning = kind == "user" ? std::string() : address_meaning(kind, *address);
    if (is_guard) meaning = "below the stack pointer: the stack is full";
    fact.decoded.push_back({"address", hex16(*address), std::move(meaning)});
  }
  // Behind a system call the same register means nothing.
  if (!crash.fault.empty() && exception.type == "EXC_BAD_ACCESS")
    fact.decoded.push_back({"fault", std::string(trim(crash.fault)), "what the processor said"});
  if (crash.registers)
    if (const auto pc = any_register(*crash.registers, {"pc", "rip", "eip"})) {
      fact.set("pc", Value::address(*pc));
      if (*pc == 0)
        fact.decoded.push_back({"pc", hex16(0),
                                "a call through a null function pointer; lr says "
                                "who called"});
    }
  fact.because.push_back({"the exception is " + exception.type, exception.where, {}, {}});
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kCrashException{"crash_exception", kSchemas, run};

}  // namespace panicscan::analysis
