#include "analysis/analysis.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"process", ValueType::text, "name of the panicked task"},
    {"pid", ValueType::pid, "its process id"},
    {"tid", ValueType::tid, "the id of the panicked thread"},
    {"messenger", ValueType::boolean,
     "whether that task only delivers the news, as watchdogd does for a hung service"},
    {"in_stackshot", ValueType::boolean,
     "whether the thread was found in the stackshot of the same report"},
    {"state", ValueType::list, "state words of the thread in the stackshot"},
};
constexpr FactSchema kSchema{"panic.panicked",
                             "The process and the thread on which panic() was called.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input&, Facts&) {}

}  // namespace

constinit const Analysis kPanicked{"panicked", kSchemas, run};

}  // namespace panicscan::analysis
