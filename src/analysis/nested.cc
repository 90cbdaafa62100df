#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"count", ValueType::number, "how many panics were entered"},
    {"caller", ValueType::address, "return address of the nested call to panic()"},
};
constexpr FactSchema kSchema{"panic.nested",
                             "A second panic happened while the first was being handled.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kNested{"nested", kSchemas, run};

}  // namespace panicscan::analysis
