#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"name", ValueType::text, "the coprocessor: DCP, AOP, SMC, SEP, ANS…"},
    {"message", ValueType::text, "what it said"},
};
constexpr FactSchema kSchema{"panic.coprocessor",
                             "The firmware of a coprocessor asserted and took the system down.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kCoprocessor{"coprocessor", kSchemas, run};

}  // namespace panicscan::analysis
