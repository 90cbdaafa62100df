#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"name", ValueType::text, "what was violated, without \"VIOLATION_\""},
    {"is_dart", ValueType::boolean, "whether it concerns a DART"},
    {"dart_id", ValueType::hex, "number of the DART"},
    {"err_mask", ValueType::hex, "the error mask as printed; its layout is not known"},
};
constexpr FactSchema kSchema{
    "sptm.violation", "The secure page table monitor refused a request of the kernel.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kSptm{"sptm", kSchemas, run};

}  // namespace panicscan::analysis
