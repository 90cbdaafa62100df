#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"dart", ValueType::text, "name of the DART, e.g. dart-apciec0"},
    {"device_class", ValueType::text,
     "what sits behind it, by its name: pcie, display, media or other"},
    {"base", ValueType::address, "address of its registers or object, as printed"},
    {"sid", ValueType::number,
     "the stream id in the text; this, not the status word, says which device"},
    {"status", ValueType::hex, "ERROR_STATUS"},
    {"stream", ValueType::number, "the stream field inside ERROR_STATUS"},
    {"code", ValueType::list, "names of the code bits of ERROR_STATUS that are set"},
    {"fault", ValueType::text, "no-ttbr, no-pgd, no-pmd, no-pte, write, read or unknown"},
    {"chip", ValueType::text,
     "which layout of ERROR_STATUS was used: t8110, t6000, t8020 or other"},
    {"dva", ValueType::address, "the device virtual address that was accessed"},
    {"direction", ValueType::text, "read or write, when the text says it"},
    {"walk", ValueType::text, "the page table walk as printed: TTBR, SEG, PTE"},
    {"at_window_base", ValueType::boolean,
     "whether the address is 0x80000000, where DMA windows of PCIe usually begin"},
    {"style", ValueType::text, "which wording: exception (macOS 26) or error (older)"},
};
constexpr FactSchema kSchema{
    "dart.error", "An I/O memory management unit (DART) stopped an access by a device.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kDart{"dart", kSchemas, run};

}  // namespace panicscan::analysis
