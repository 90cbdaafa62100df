#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"service", ValueType::text, "name of the service that had to change its state"},
    {"object", ValueType::address, "the service object"},
    {"implementation", ValueType::address,
     "the setPowerState function that was asked; absent in the one-pointer form"},
    {"pointers", ValueType::number, "how many pointers the message prints: 1 or 2"},
    {"from", ValueType::number, "power state it was in"},
    {"to", ValueType::number, "power state it was to reach"},
    {"from_name", ValueType::text,
     "the old state as driver extensions number them: off, low, on or other"},
    {"to_name", ValueType::text, "the new state, likewise"},
    {"transition", ValueType::text, "power-up, power-down, low-power or other"},
    {"elapsed", ValueType::milliseconds, "from the request until the kernel gave up"},
    {"window", ValueType::text,
     "which limit the time fits: dext-20s, kext-10s, kext-long or other"},
    {"inside_override", ValueType::milliseconds,
     "for dext-20s: how long the SetPowerState call itself ran before the 20.1 s wait began"},
    {"implementation_in", ValueType::text, "where the function lies: kernel, kext or unknown"},
    {"implementation_image", ValueType::text, "the image it lies in"},
    {"dext", ValueType::text, "bundle id of the driver extension that the message names, if any"},
    {"arch", ValueType::text, "arm64, x86_64, arm32 or unknown"},
};
constexpr FactSchema kSchema{"power.setpowerstate",
                             "A driver did not acknowledge a change of its power state in time.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kPower{"power", kSchemas, run};

}  // namespace panicscan::analysis
