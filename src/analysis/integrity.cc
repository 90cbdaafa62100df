#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"state", ValueType::text, "complete, truncated, damaged or repaired"},
    {"reasons", ValueType::list, "why it is not complete"},
};
constexpr FactSchema kSchema{"report.integrity", "How completely the input could be read.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kIntegrity{"integrity", kSchemas, run};

}  // namespace panicscan::analysis
