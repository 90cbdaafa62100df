#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"bundle", ValueType::text, "bundle id"},
    {"version", ValueType::text, "version as printed"},
    {"contains_pc", ValueType::boolean,
     "whether the faulting instruction, or without one the innermost frame behind the panic call, "
     "lies in it"},
    {"frames", ValueType::number, "how many frames of the panicked backtrace lie in it"},
};
constexpr FactSchema kSchema{"panic.third_party_kext",
                             "A kernel extension not by Apple whose code is in the backtrace.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kThirdParty{"third_party", kSchemas, run};

}  // namespace panicscan::analysis
