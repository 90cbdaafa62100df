#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kKernelFields[] = {
    {"waited", ValueType::seconds, "time without a check-in"},
    {"checkins", ValueType::number, "check-ins since monitoring was last enabled"},
    {"since", ValueType::text, "\"boot\" when there never was one; else absent"},
    {"shutdown", ValueType::boolean, "whether a shutdown was in progress"},
};
constexpr FactSchema kKernelSchema{
    "watchdog.kernel", "watchdogd itself stopped checking in with the kernel.", kKernelFields};

constexpr FactField kUserspaceFields[] = {
    {"service", ValueType::text, "the service"},
    {"waited", ValueType::seconds, "time without a successful check-in"},
    {"since", ValueType::text, "since when, when the text says so: boot, wake or load"},
    {"induced_crashes", ValueType::number, "how often watchdogd had already made it crash"},
    {"context", ValueType::text, "what the service itself said to be wrong"},
    {"services", ValueType::number, "how many services the text lists"},
};
constexpr FactSchema kUserspaceSchema{
    "watchdog.userspace", "watchdogd found a service that does not answer.", kUserspaceFields};

constexpr FactField kServiceFields[] = {
    {"service", ValueType::text, "the service"},
    {"checkins", ValueType::number, "successful check-ins; 0 for none"},
    {"last_checkin", ValueType::seconds, "how long ago the last one was"},
    {"induced_crashes", ValueType::number, "how often watchdogd had already made it crash"},
};
constexpr FactSchema kServiceSchema{
    "watchdog.service", "The check-in record of one service that watchdogd looks after.",
    kServiceFields};

constexpr const FactSchema* kSchemas[] = {&kKernelSchema, &kUserspaceSchema, &kServiceSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kWatchdog{"watchdog", kSchemas, run};

}  // namespace panicscan::analysis
