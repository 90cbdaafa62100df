#include "analysis/analysis.h"

#include <array>

#include "analysis/message.h"
#include "base/text.h"

// apciec[pcic0-bridge] unhandled interrupts (0x200000 out of 0x220000)
// apciec[pcic1-bridge]::handleInterrupt: Request address is greater than 32 bits linksts=0x…
// pcielint=0x… apciec[pcic1-bridge]::handleCompletionTimeoutInterrupt Completion timeout detected
// at address 0x… apcie[2:lan-1gb]::_linkDownInterrupt: Unexpected link down linksts=0x…
// pcielint=0x… (ltssm 0x0=…) The drivers are closed; the words are those of real reports.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"port", ValueType::text, "name of the port"},
    {"kind", ValueType::text,
     "unhandled-interrupt, address-over-32-bit, completion-timeout or link-down"},
    {"bits", ValueType::hex, "interrupt bits that were not handled"},
    {"mask", ValueType::hex, "interrupt bits that were pending"},
};
constexpr FactSchema kSchema{
    "pcie.port", "A PCI Express port of the SoC reported an error that nothing handles.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

struct Form {
  std::string_view text, kind, meaning;
};
constexpr std::array kForms{
    Form{"unhandled interrupts", "unhandled-interrupt",
         "the port raised an interrupt that its driver does not know"},
    Form{"Request address is greater than 32 bits", "address-over-32-bit",
         "the device used a DMA address that its window does not reach"},
    Form{"ompletion timeout", "completion-timeout", "the device did not answer a read"},
    Form{"nexpected link down", "link-down",
         "the device left the link: power, unplugging, reset or a fault"},
};

/// Bits of the port's interrupt word whose meaning field reports agree on.
constexpr std::uint64_t kAddressBit = std::uint64_t{1} << 21;

/// "name=0x…" of the port's registers.
void add_register(std::string_view text, std::string_view name, std::string_view meaning,
                  Fact& fact) {
  if (!skip_past(text, std::string(name) + "=")) return;
  if (const auto value = consume_hex(text))
    fact.decoded.push_back({std::string(name), hex(*value), std::string(meaning)});
}

void run(const Input& input, Facts& facts) {
  const Message message(input.report);
  const std::string_view line = message.first_line();
  const Form* form = nullptr;
  for (const Form& row : kForms)
    if (form == nullptr && line.find(row.text) != std::string_view::npos) form = &row;
  // Other drivers have timeouts, too: the port's name, or the bridge's words, must be there.
  const bool is_port =
      line.starts_with("apcie") || line.find("CPL timeout") != std::string_view::npos;
  if (form == nullptr || !is_port) return;

  Fact fact(kSchema);
  if (line.starts_with("apcie")) {
    const std::string_view port =
        line.substr(0, line.find(']') == std::string_view::npos ? 0 : line.find(']') + 1);
    if (!port.empty()) fact.set("port", Value::text(std::string(port)));
  }
  fact.set("kind", Value::text(std::string(form->kind)));
  fact.decoded.push_back({"kind", std::string(form->kind), std::string(form->meaning)});

  std::string_view rest = line;
  if (form->kind == "unhandled-interrupt" && skip_past(rest, "interrupts (")) {
    const auto bits = consume_hex(rest);
    if (bits) fact.set("bits", Value::hex(*bits));
    if (bits)
      fact.decoded.push_back({"unhandled", hex(*bits),
                              (*bits & kAddressBit) != 0
                                  ? "bit 21: seen with DMA to an address beyond 32 bits"
                                  : "its bits have no public meaning"});
    if (consume(rest, " out of "))
      if (const auto mask = consume_hex(rest)) fact.set("mask", Value::hex(*mask));
  }
  add_register(line, "linksts", "state of the link", fact);
  add_register(line, "pcielint", "interrupts of the port", fact);
  rest = line;
  if (skip_past(rest, "(ltssm ")) {
    const std::string_view state = rest.substr(0, rest.find(')'));
    fact.decoded.push_back(
        {"ltssm", std::string(state), "state of the link's training machine; L0 is normal work"});
  }
  fact.because.push_back(message.says("the port reported an error", line));
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kPcie{"pcie", kSchemas, run};

}  // namespace panicscan::analysis
