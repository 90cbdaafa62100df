#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"port", ValueType::text, "name of the port"},
    {"kind", ValueType::text, "unhandled-interrupt, address-over-32-bit or completion-timeout"},
    {"bits", ValueType::hex, "interrupt bits that were not handled"},
    {"mask", ValueType::hex, "interrupt bits that were pending"},
};
constexpr FactSchema kSchema{
    "pcie.port", "A PCI Express port of the SoC reported an error that nothing handles.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kPcie{"pcie", kSchemas, run};

}  // namespace panicscan::analysis
