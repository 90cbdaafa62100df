#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"kind", ValueType::text,
     "data-abort, instruction-abort, unaligned, pac, brk, bti, tag-check, undefined, alignment, "
     "serror, stack or other"},
    {"pc", ValueType::address, "the instruction, without signature bits"},
    {"lr", ValueType::address, "where its function would return to, without signature bits"},
    {"far", ValueType::address, "fault address register"},
    {"esr", ValueType::hex, "exception syndrome register"},
    {"ec", ValueType::number, "exception class, bits 31:26 of esr"},
    {"ec_name", ValueType::text, "what the class means"},
    {"fault_status", ValueType::number, "fault status code, bits 5:0 of esr, for aborts"},
    {"fault_name", ValueType::text, "what the code means"},
    {"access", ValueType::text, "read, write or execute"},
    {"far_class", ValueType::text,
     "what the fault address looks like: null, near-null, poison, user, iova, kernel-text, "
     "kernel-heap, kernel, non-canonical, ascii or unknown"},
    {"far_valid", ValueType::boolean, "whether the processor says that the fault address is valid"},
    {"pc_image", ValueType::text, "the image that pc lies in"},
    {"pc_vendor", ValueType::text, "whose image that is: apple, third_party or unknown"},
    {"lr_image", ValueType::text, "the image that lr lies in"},
    {"comment", ValueType::hex, "the number in a brk instruction"},
    {"key", ValueType::text, "the pointer authentication key: IA, IB, DA or DB"},
};
constexpr FactSchema kSchema{"arm.exception",
                             "An exception that an arm64 processor took in the kernel.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kArmException{"arm_exception", kSchemas, run};

}  // namespace panicscan::analysis
