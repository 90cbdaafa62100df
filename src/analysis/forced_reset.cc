#include "analysis/analysis.h"

#include <algorithm>
#include <array>

#include "analysis/message.h"

// "btn_rst", "Unexpected SoC (system) watchdog reset occurred…", "Debugger message: WDT timeout":
// somebody or something outside the kernel ended it, so no code of the kernel is to blame as such.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"kind", ValueType::text, "button, watchdog, soc or other"},
    {"text", ValueType::text, "what the report says"},
};
constexpr FactSchema kSchema{
    "reset.forced", "The machine was reset from outside the kernel; there was no kernel panic.",
    kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

struct Form {
  std::string_view text, kind, meaning;
};
constexpr std::array kForms{
    Form{"btn_rst", "button",
         "somebody held the power button until the machine reset: it had hung before, or was "
         "thought to"},
    Form{"Unexpected SoC (system) watchdog reset", "watchdog",
         "the SoC's watchdog pulled the reset line: nothing ran any more"},
    Form{"WDT timeout", "watchdog", "the watchdog timer of the SoC expired: nothing ran any more"},
    Form{"Unexpected SoC (system) reset", "soc", "the SoC was reset; nothing tells why"},
    Form{"x86 CPU CATERR detected", "other",
         "the T2 chip saw the Intel processor signal a catastrophic error"},
    Form{"x86 global reset detected", "other", "the T2 chip saw the Intel side being reset"},
};

void run(const Input& input, Facts& facts) {
  const Message message(input.report);
  const std::string_view line = message.first_line();
  const auto form =
      std::ranges::find_if(kForms, [&](const Form& f) { return line.starts_with(f.text); });
  const bool is_reset = input.report.kind == ReportKind::forced_reset;
  if (form == kForms.end() && !is_reset) return;

  Fact fact(kSchema);
  fact.set("kind", Value::text(form != kForms.end() ? std::string(form->kind) : "other"));
  if (!line.empty()) fact.set("text", Value::text(std::string(line)));
  if (form != kForms.end())
    fact.decoded.push_back({"reset", std::string(form->kind), std::string(form->meaning)});
  if (const Fact* flags = facts.find("panic.flags");
      flags != nullptr && flags->find("bits") != nullptr) {
    const auto& bits = std::get<std::vector<std::string>>(flags->find("bits")->data);
    if (std::ranges::find(bits, "button-reset") != bits.end())
      fact.decoded.push_back({"flags", "button-reset", "the flag word says the same"});
  }
  for (const Field& field : input.report.fields)
    if (field.name == "Boot faults" || field.name == "boot faults" || field.name == "ResetCounter")
      fact.decoded.push_back(
          {field.name, field.value, "what the boot loader recorded about the reset"});
  fact.because.push_back(message.says("the machine was reset from outside", line));
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kForcedReset{"forced_reset", kSchemas, run};

}  // namespace panicscan::analysis
