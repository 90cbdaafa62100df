#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"direction", ValueType::text, "sleep or wake"},
    {"waited", ValueType::seconds, "how long the kernel waited"},
    {"phase", ValueType::text, "what was being done"},
    {"bundle", ValueType::text, "the bundle that the kernel suspects"},
    {"bundle_vendor", ValueType::text, "apple or third_party"},
    {"thread", ValueType::tid, "the thread that is blocked"},
    {"failure_code", ValueType::text, "the two words of the failure code as printed"},
};
constexpr FactSchema kSchema{"sleepwake.timeout", "Going to sleep or waking up took too long.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kSleepWake{"sleep_wake", kSchemas, run};

}  // namespace panicscan::analysis
