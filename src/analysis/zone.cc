#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"zone", ValueType::text, "the zone, which names the type or the size class"},
    {"offset", ValueType::number, "offset of the damage inside the element"},
    {"value", ValueType::hex, "what was found there"},
    {"size", ValueType::bytes, "size of the element"},
    {"element", ValueType::address, "the element"},
    {"kind", ValueType::text, "modified-after-free, double-free, gzalloc-uaf, validation or other"},
};
constexpr FactSchema kSchema{
    "memory.zone", "The kernel heap found one of its elements damaged or misused.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kZone{"zone", kSchemas, run};

}  // namespace panicscan::analysis
