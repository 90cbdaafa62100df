#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"value", ValueType::hex, "the word as printed"},
    {"bits", ValueType::list, "names of the bits that are set"},
    {"layout", ValueType::text, "which of the two bit layouts applies: arm or intel"},
};
constexpr FactSchema kSchema{"panic.flags", "The flag word of the panic log, bit by bit.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kPanicFlags{"panic_flags", kSchemas, run};

}  // namespace panicscan::analysis
