#include "analysis/analysis.h"

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

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kPanicClass{"panic_class", kSchemas, run};

}  // namespace panicscan::analysis
