#include "analysis/analysis.h"

#include <algorithm>
#include <array>

#include "analysis/message.h"
#include "base/text.h"

// DCP PANIC - ASSERT!Some.cpp:561 what - task(27)
//   RTKit: RTKit-2758.1.1.release - Client: AppleDCP-811.1.1~754-ipad14dcp.RELEASE
// The message and the addresses in it are the firmware's; the kernel only passes them on.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"name", ValueType::text, "the coprocessor: DCP, AOP, SMC, SEP, ANS…"},
    {"message", ValueType::text, "what it said"},
};
constexpr FactSchema kSchema{"panic.coprocessor",
                             "The firmware of a coprocessor asserted and took the system down.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// What a coprocessor is for. Source: names of Apple's device tree and firmware images.
struct Coprocessor {
  std::string_view prefix, meaning;
};
constexpr std::array kCoprocessors{
    Coprocessor{"DCPEXT", "controller of an external display"},
    Coprocessor{"DCP", "controller of the built-in display"},
    Coprocessor{"AOP", "always-on processor: sensors, microphones"},
    Coprocessor{"SMC", "power, battery, fans and temperatures"},
    Coprocessor{"PMP", "power management of the SoC"},
    Coprocessor{"SEP", "secure enclave"},
    Coprocessor{"ANS", "controller of the built-in SSD"},
    Coprocessor{"GFX", "graphics firmware"},
    Coprocessor{"ISP", "camera"},
    Coprocessor{"SIO", "audio and serial input and output"},
    Coprocessor{"MTP", "trackpad and keyboard"},
    Coprocessor{"AVE", "video encoder"},
};

/// Messages of the secure enclave, which do not have the common form.
constexpr std::array kSepForms{
    std::string_view("SEP Panic"), std::string_view("SEP/OS failed to boot"),
    std::string_view("SEP ROM boot panic"), std::string_view("AppleSEPManager panic for")};

std::string_view meaning_of(std::string_view name) {
  const auto found = std::ranges::find_if(
      kCoprocessors, [&](const Coprocessor& row) { return name.starts_with(row.prefix); });
  return found == kCoprocessors.end() ? "a coprocessor of the SoC" : found->meaning;
}

/// "NAME PANIC - what": the name is all capitals and digits.
std::string_view consume_name(std::string_view& line) {
  std::string_view rest = line;
  const std::string_view name =
      consume_while(rest, [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c); });
  if (name.empty() || !consume(rest, " PANIC - ")) return {};
  line = rest;
  return name;
}

/// The firmware that runs there: what follows "Client: " in the RTKit line.
std::string firmware_of(const Report& report, std::string_view message) {
  constexpr std::string_view kLabel = "Client: ";
  const auto behind_label = [&](std::string_view text) -> std::string {
    const auto at = text.find("RTKit-");
    if (at == std::string_view::npos || !skip_past(text = text.substr(at), kLabel)) return {};
    return std::string(trim(text.substr(0, text.find('\n'))));
  };
  if (auto found = behind_label(message); !found.empty()) return found;
  for (const Field& field : report.fields)
    if (auto found = behind_label(field.value); !found.empty()) return found;
  return {};
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  const Message message(input.report);
  std::string_view line = trim(message.first_line());
  const std::string_view whole = line;
  std::string_view name = consume_name(line);
  if (name.empty()) {
    const bool is_sep =
        std::ranges::any_of(kSepForms, [&](std::string_view form) { return line.find(form) < 2; });
    if (!is_sep) return;
    name = "SEP";
  }

  Fact fact(kSchema);
  fact.set("name", Value::text(std::string(name)));
  fact.set("message", Value::text(std::string(trim(line))));
  fact.decoded.push_back({"coprocessor", std::string(name), std::string(meaning_of(name))});
  if (const std::string firmware = firmware_of(input.report, message.text()); !firmware.empty())
    fact.decoded.push_back(
        {"firmware", firmware, "what runs on it; its addresses are not the kernel's"});
  fact.because.push_back(message.says("the firmware of " + std::string(name) + " panicked", whole));
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kCoprocessor{"coprocessor", kSchemas, run};

}  // namespace panicscan::analysis
