#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"number", ValueType::number, "trap number"},
    {"name", ValueType::text, "what the number means"},
    {"rip", ValueType::address, "the instruction"},
    {"cr2", ValueType::address, "fault address; only a page fault sets it"},
    {"error_code", ValueType::hex, "error code of the trap"},
    {"error_bits", ValueType::list, "for page faults: what the error code says"},
    {"flags", ValueType::list, "what the last line of the dump adds: VMM, Kernel NX fault…"},
    {"address_class", ValueType::text,
     "what the fault address looks like, in the words of arm.exception far_class"},
    {"pc_image", ValueType::text, "the image that rip lies in"},
    {"pc_vendor", ValueType::text, "whose image that is: apple, third_party or unknown"},
};
constexpr FactSchema kSchema{"x86.trap", "A trap that an Intel processor took in the kernel.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kX86Trap{"x86_trap", kSchemas, run};

}  // namespace panicscan::analysis
