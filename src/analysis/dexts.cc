#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"bundle", ValueType::text, "bundle id"},
    {"path", ValueType::text, "where its bundle lies"},
    {"state", ValueType::text, "state words of the line, e.g. \"loaded\""},
    {"vendor", ValueType::text, "apple or third_party"},
};
constexpr FactSchema kSchema{"panic.dext",
                             "A driver extension that the panic message itself names.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kDexts{"dexts", kSchemas, run};

}  // namespace panicscan::analysis
