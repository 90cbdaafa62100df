#include "analysis/analysis.h"
#include "model/names.h"
#include "model/vendor.h"

#include <algorithm>

// macOS 26 appends to some messages, for each driver extension involved:
//   com.example.driver:
//       ( id: com.example.driver; path: /Library/SystemExtensions/…/com.example.driver.dext; state:
//       loaded )

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

std::string meaning_of(std::string_view path) {
  if (path.starts_with("/System/")) return "on the sealed system volume, so Apple's";
  if (path.starts_with("/Library/SystemExtensions/"))
    return "an installed system extension, so not Apple's";
  return "not where driver extensions usually are";
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  constexpr std::size_t kMost = 50;
  const auto& all = input.report.panic->dexts;
  for (std::size_t i = 0; i < std::min(all.size(), kMost); ++i) {
    const Dext& dext = all[i];
    const std::string vendor(to_string(vendor_of_dext(dext.bundle_id, dext.path)));
    Fact fact(kSchema);
    fact.set("bundle", Value::text(dext.bundle_id));
    if (!dext.path.empty()) fact.set("path", Value::text(dext.path));
    if (!dext.state.empty()) fact.set("state", Value::text(dext.state));
    fact.set("vendor", Value::text(vendor));
    if (!dext.path.empty()) fact.decoded.push_back({"path", dext.path, meaning_of(dext.path)});
    fact.because.push_back(
        {"the panic message names the driver extension " + dext.bundle_id, dext.where, {}, {}});
    facts.all.push_back(std::move(fact));
  }
}

}  // namespace

constinit const Analysis kDexts{"dexts", kSchemas, run};

}  // namespace panicscan::analysis
