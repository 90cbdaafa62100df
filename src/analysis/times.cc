#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"boot", ValueType::text, "RFC 3339, UTC"},
    {"sleep", ValueType::text, "last time it went to sleep"},
    {"wake", ValueType::text, "last time it woke"},
    {"panic", ValueType::text, "when it panicked"},
    {"since_boot", ValueType::seconds, "from boot to panic, sleep included"},
    {"awake", ValueType::seconds, "the same without sleep, from the tick counter"},
    {"since_wake", ValueType::seconds, "from the last wake to the panic"},
    {"slept", ValueType::boolean, "whether it had slept since boot"},
};
constexpr FactSchema kSchema{"time.panic", "When the machine booted, slept, woke and panicked.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kTimes{"times", kSchemas, run};

}  // namespace panicscan::analysis
