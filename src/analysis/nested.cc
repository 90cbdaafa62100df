#include "analysis/analysis.h"

#include <algorithm>

#include "base/text.h"

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"count", ValueType::number, "how many panics were entered"},
    {"caller", ValueType::address, "return address of the nested call to panic()"},
};
constexpr FactSchema kSchema{"panic.nested",
                             "A second panic happened while the first was being handled.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  constexpr std::size_t kMost = 50;  // the kernel gives up after far fewer
  const auto& all = input.report.panic->nested;
  for (std::size_t i = 0; i < std::min(all.size(), kMost); ++i) {
    const NestedPanic& nested = all[i];
    Fact fact(kSchema);
    if (nested.entry_count) {
      fact.set("count", Value::number(*nested.entry_count));
      fact.decoded.push_back(
          {"entry count", std::to_string(*nested.entry_count),
           "2 is the first panic inside the panic; more are consequences of it"});
    }
    if (nested.caller) {
      fact.set("caller", Value::address(nested.caller->value));
      const Placement place = input.placer.place(*nested.caller, AddressSpace::panic_text);
      std::string meaning = "in no image of the report";
      if (!place.image.empty())
        meaning = "in " + place.image + " + " + hex(place.offset.value);
      else if (place.unslid)
        meaning += "; without the slide " + hex16(place.unslid->value);
      fact.decoded.push_back({"panic_caller", hex16(nested.caller->value), std::move(meaning)});
    }
    fact.because.push_back({"the report tells of a panic inside the panic", nested.where, {}, {}});
    facts.all.push_back(std::move(fact));
  }
}

}  // namespace

constinit const Analysis kNested{"nested", kSchemas, run};

}  // namespace panicscan::analysis
