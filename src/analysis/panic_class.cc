#include "analysis/analysis.h"

#include <algorithm>
#include <array>

#include "analysis/message.h"
#include "base/text.h"

/// How the text of a message tells its class. The first row that fits decides.
struct Row {
  std::string_view name;
  enum { begins, contains } how;
  std::string_view text;
};

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"class", ValueType::text,
     "setpowerstate-timeout, registry-busy, dart-fault, sptm-violation, arm-exception, x86-trap, "
     "sleep-wake, watchdog, userspace-watchdog, zone, pcie, coprocessor, forced-reset, nested, "
     "assertion or other"},
    {"reporter", ValueType::text,
     "who noticed: kernel, watchdogd, coprocessor, monitor, button or companion"},
    {"file", ValueType::text, "the source file that called panic(), as printed behind the \"@\""},
    {"line", ValueType::number, "the line in that file"},
    {"style", ValueType::text, "how the panic macro decorated the message: plain or quoted"},
};
constexpr FactSchema kSchema{"panic.class",
                             "What kind of panic this is, by the form of its message.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

// Sources: xnu iokit/Kernel/IOServicePM.cpp and IOService.cpp, osfmk/arm64/sleh.c,
// osfmk/i386/trap.c, osfmk/kern/zalloc.c; the others are the words of closed drivers and firmware
// as real reports show them.
constexpr std::array kRows{
    Row{"nested", Row::begins, "Nested panic detected"},
    Row{"setpowerstate-timeout", Row::contains, "::setPowerState("},
    Row{"registry-busy", Row::begins, "busy timeout["},
    Row{"registry-busy", Row::begins, "IOKit Daemon ("},
    Row{"registry-busy", Row::begins, "kextd stall["},
    Row{"dart-fault", Row::contains, ": DART DART exception"},
    Row{"dart-fault", Row::contains, ") error: SID "},
    Row{"sptm-violation", Row::begins, "[SPTM]"},
    Row{"userspace-watchdog", Row::begins, "userspace watchdog timeout"},
    Row{"watchdog", Row::begins, "watchdog timeout:"},
    Row{"coprocessor", Row::contains, " PANIC - "},
    Row{"coprocessor", Row::begins, "SEP Panic"},
    Row{"coprocessor", Row::begins, "SEP/OS failed to boot"},
    Row{"coprocessor", Row::begins, "SEP ROM boot panic"},
    Row{"coprocessor", Row::contains, "AppleSEPManager panic for"},
    Row{"sleep-wake", Row::begins, "Sleep transition timed out"},
    Row{"sleep-wake", Row::begins, "Wake transition timed out"},
    Row{"sleep-wake", Row::begins, "Sleep/Wake hang detected"},
    Row{"forced-reset", Row::begins, "btn_rst"},
    Row{"forced-reset", Row::begins, "Unexpected SoC (system)"},
    Row{"forced-reset", Row::begins, "WDT timeout"},
    Row{"forced-reset", Row::begins, "x86 global reset detected"},
    Row{"forced-reset", Row::begins, "x86 CPU CATERR detected"},
    Row{"zone", Row::contains, "element modified after free"},
    Row{"zone", Row::contains, "freed zone element has been modified"},
    Row{"zone", Row::contains, ": double free of "},
    Row{"zone", Row::contains, "probabilistic gzalloc"},
    Row{"zone", Row::contains, "zone_require"},
    Row{"zone", Row::contains, "zone element pointer validation failed"},
    Row{"zone", Row::contains, "zone metadata corruption"},
    Row{"zone", Row::begins, "zone bound checks"},
    Row{"zone", Row::contains, "zone map exhaust"},
    Row{"zone", Row::begins, "kfree: addr "},
    Row{"zone", Row::begins, "zalloc: "},
    Row{"zone", Row::contains, "not in the expected zone"},
    Row{"pcie", Row::begins, "apcie"},
    Row{"pcie", Row::contains, "ompletion timeout seen!"},
    Row{"x86-trap", Row::begins, "Kernel trap at "},
    Row{"x86-trap", Row::begins, "Double fault at "},
    Row{"x86-trap", Row::begins, "Machine Check at "},
    Row{"arm-exception", Row::begins, "Kernel data abort"},
    Row{"arm-exception", Row::begins, "Kernel instruction fetch abort"},
    Row{"arm-exception", Row::begins, "Unaligned kernel data abort"},
    Row{"arm-exception", Row::begins, "Kernel parity error"},
    Row{"arm-exception", Row::begins, "Kernel tag check fault"},
    Row{"arm-exception", Row::begins, "Kernel BTI failure"},
    Row{"arm-exception", Row::begins, "PAC failure from kernel"},
    Row{"arm-exception", Row::begins, "Break 0x"},
    Row{"arm-exception", Row::begins, "SError esr"},
    Row{"arm-exception", Row::begins, "Undefined kernel instruction"},
    Row{"arm-exception", Row::begins, "Invalid kernel stack pointer"},
    Row{"arm-exception", Row::begins, "PC alignment exception"},
    Row{"arm-exception", Row::begins, "SP alignment exception"},
    Row{"arm-exception", Row::begins, "Unexpected fault in kernel"},
    Row{"arm-exception", Row::begins, "Unsupported Class "},
    Row{"arm-exception", Row::begins, "panic: corrupt list around element"},
    Row{"arm-exception", Row::begins, "panic: string operation caused an overflow"},
    Row{"arm-exception", Row::contains, "exception from kernel"},
    Row{"assertion", Row::contains, "ssertion failed"},
    Row{"assertion", Row::contains, "REQUIRE failed"},
};

/// Who noticed, when it was not the kernel's own code.
constexpr std::array kReporters{
    Row{"watchdogd", Row::begins, "userspace watchdog timeout"},
    Row{"monitor", Row::begins, "[SPTM]"},
    Row{"monitor", Row::begins, "[TXM]"},
    Row{"monitor", Row::begins, "[PPL]"},
    Row{"button", Row::begins, "btn_rst"},
    Row{"companion", Row::begins, "x86 global reset detected"},
    Row{"companion", Row::begins, "x86 CPU CATERR detected"},
    Row{"companion", Row::begins, "Unexpected SoC (system)"},
};

const Row* find_row(std::span<const Row> rows, std::string_view text) {
  const auto found = std::ranges::find_if(rows, [&](const Row& row) {
    return row.how == Row::begins ? text.starts_with(row.text)
                                  : text.find(row.text) != std::string_view::npos;
  });
  return found == rows.end() ? nullptr : &*found;
}

std::string_view reporter_of(const Panic& panic, std::string_view text, std::string_view name) {
  if (const Row* row = find_row(kReporters, text)) return row->name;
  if (name == "coprocessor") return "coprocessor";
  const bool by_watchdogd = panic.process_name && panic.process_name->value == "watchdogd";
  return by_watchdogd && name == "registry-busy" ? "watchdogd" : "kernel";
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  const Panic& panic = *input.report.panic;
  const Message message(input.report);
  // Long texts (a coprocessor's task list, a register dump) follow the line that says what it is.
  const std::string_view line = message.first_line();
  std::string_view text = line;
  while (!text.empty() && (is_space(text.front()) || text.front() == '"')) text.remove_prefix(1);

  const Row* row = find_row(kRows, text);
  std::string_view name = row != nullptr ? row->name : "other";
  if (row == nullptr && input.report.kind == ReportKind::forced_reset) name = "forced-reset";

  Fact fact(kSchema);
  fact.origin = Origin::inferred;
  fact.set("class", Value::text(std::string(name)));
  fact.set("reporter", Value::text(std::string(reporter_of(panic, text, name))));
  if (panic.source_file) fact.set("file", Value::text(panic.source_file->value));
  if (panic.source_line) fact.set("line", Value::number(*panic.source_line));
  fact.set("style", Value::text(panic.style == MessageStyle::quoted ? "quoted" : "plain"));
  if (row != nullptr)
    fact.because.push_back(message.says("the message has the form of " + std::string(name), line));
  else
    fact.because.push_back(message.says("the message has no form that is known", line));
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kPanicClass{"panic_class", kSchemas, run};

}  // namespace panicscan::analysis
