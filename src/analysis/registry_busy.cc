#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kBusyFields[] = {
    {"kind", ValueType::text, "busy-timeout, kernelmanagerd-stall or kextd-stall"},
    {"index", ValueType::number, "which extension of the deadline ran out, from 0"},
    {"waited", ValueType::seconds, "how long this round waited"},
    {"depth", ValueType::number, "length of the termination queue, when printed"},
    {"entries", ValueType::number, "how many entries the message lists"},
    {"names", ValueType::list, "names of the busy entries, each once"},
    {"root_held", ValueType::boolean, "whether only the root of the registry is busy"},
    {"checked_in", ValueType::boolean, "for root_held: whether kernelmanagerd has checked in"},
    {"all_inactive", ValueType::boolean,
     "whether every entry with state words is inactive (terminated)"},
    {"any_starting", ValueType::boolean, "whether an entry is being matched or started"},
    {"any_terminating", ValueType::boolean, "whether an entry is in a phase of termination"},
    {"any_thunderbolt", ValueType::boolean, "whether a name belongs to Thunderbolt"},
    {"truncated", ValueType::boolean, "whether the list ends in the middle of an entry"},
};
constexpr FactSchema kBusySchema{"iokit.busy", "The I/O registry did not come to rest in time.",
                                 kBusyFields};

constexpr FactField kEntryFields[] = {
    {"name", ValueType::text, "name of the registry entry; for a driver extension its class"},
    {"state0", ValueType::hex, "first state word of the IOService"},
    {"state1", ValueType::hex, "second state word"},
    {"busy_count", ValueType::number, "low ten bits of the second word"},
    {"phase", ValueType::text,
     "what the words say it is doing: starting, terminating, inactive-held, module-stall, busy or "
     "unknown"},
    {"flags", ValueType::list, "names of all bits that are set"},
};
constexpr FactSchema kEntrySchema{"iokit.busy_entry", "One entry that keeps the I/O registry busy.",
                                  kEntryFields};

constexpr const FactSchema* kSchemas[] = {&kBusySchema, &kEntrySchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kRegistryBusy{"registry_busy", kSchemas, run};

}  // namespace panicscan::analysis
