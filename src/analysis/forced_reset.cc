#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"kind", ValueType::text, "button, watchdog, soc or other"},
    {"text", ValueType::text, "what the report says"},
};
constexpr FactSchema kSchema{
    "reset.forced", "The machine was reset from outside the kernel; there was no kernel panic.",
    kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kForcedReset{"forced_reset", kSchemas, run};

}  // namespace panicscan::analysis
