#include "analysis/analysis.h"

#include <algorithm>
#include <array>
#include <map>

// What the log says, line by line, so that rules can ask for it: of the report itself when it is a
// log, and of the logs joined with it.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"kind", ValueType::text, "what kind of line, e.g. dext-crash-count"},
    {"time", ValueType::text, "as printed"},
    {"process", ValueType::text, "who logged it"},
    {"sender", ValueType::text, "library or bundle that logged it"},
    {"pid", ValueType::pid, "process the line is about"},
    {"subject", ValueType::text, "who the line is about: a service, bundle id or process"},
    {"object", ValueType::text, "what else it names: a provider, device, class or bundle id"},
    {"count", ValueType::number, "a number it gives, e.g. of crashes"},
    {"limit", ValueType::number, "how many are allowed"},
    {"waited", ValueType::milliseconds, "how long something took or was waited for"},
    {"from", ValueType::number, "power state before"},
    {"to", ValueType::number, "power state after"},
    {"code", ValueType::hex, "a code, result or pointer it gives"},
    {"address", ValueType::address, "an address it gives"},
    {"length", ValueType::hex, "of what begins at that address"},
    {"reason", ValueType::text, "a reason it gives"},
    {"result", ValueType::text, "ok or fail"},
    {"expression", ValueType::text, "of an assertion"},
    {"function", ValueType::text, "of an assertion; a method that a driver extension names"},
    {"file", ValueType::text, "of an assertion"},
    {"line", ValueType::number, "of an assertion"},
    {"address_bits", ValueType::number, "how wide DMA addresses may be, as it says"},
    {"bdf", ValueType::text, "bus, device and function of a PCI device"},
    {"path", ValueType::text, "a file it names"},
    {"times", ValueType::number, "how many lines of this kind the log has"},
    {"message", ValueType::text, "the whole message"},
};
constexpr FactSchema kSchema{"log.event", "A line of the log whose meaning is known.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// The last lines of a kind are the ones before a panic; a log may have thousands.
constexpr std::size_t kMostOfAKind = 20;
constexpr std::size_t kShownMessage = 240;

std::string shortened(std::string_view text) {
  return text.size() <= kShownMessage ? std::string(text)
                                      : std::string(text.substr(0, kShownMessage)) + "…";
}

/// A captured value as the field wants it; nothing when the kinds of value do not fit.
std::optional<Value> as_type(const Value& value, ValueType type) {
  if (value.type == type) return value;
  const auto number = value.as_number();
  if (type == ValueType::text) return Value::text(format(value));
  if (!number || type == ValueType::list || type == ValueType::boolean) return std::nullopt;
  const bool to_milliseconds = value.type == ValueType::seconds &&
                               type == ValueType::milliseconds && *number < 1'000'000'000;
  return Value::of(type, to_milliseconds ? *number * 1000 : *number);
}

Fact fact_of(const LogEvent& event, std::uint32_t companion, std::uint64_t times) {
  Fact fact(kSchema);
  fact.companion = companion;
  const auto set_text = [&](std::string_view field, const std::string& text) {
    if (!text.empty()) fact.set(field, Value::text(text));
  };
  set_text("kind", event.kind);
  set_text("time", event.time);
  set_text("process", event.process);
  set_text("sender", event.sender);
  set_text("message", shortened(event.message));
  fact.set("times", Value::number(times));
  for (const auto& [name, value] : event.values) {
    const auto field = std::ranges::find(kFields, name, &FactField::name);
    if (field == std::end(kFields)) continue;
    if (auto fitting = as_type(value, field->type)) fact.set(name, *std::move(fitting));
  }
  const std::string who = event.process.empty() ? "the log" : event.process;
  fact.because.push_back({who + ": " + shortened(event.message), event.where, {}, {}});
  return fact;
}

/// The last line comes first: of several crashes the last count is the one to tell of.
void publish(const Log& log, std::uint32_t companion, Facts& facts) {
  std::map<std::string_view, std::uint64_t> count, seen;
  for (const LogEvent& event : log.events) ++count[event.kind];
  for (auto event = log.events.rbegin(); event != log.events.rend(); ++event)
    if (++seen[event->kind] <= kMostOfAKind)
      facts.all.push_back(fact_of(*event, companion, count[event->kind]));
}

void run(const Input& input, Facts& facts) {
  publish(input.report.log, 0, facts);
  for (std::size_t i = 0; i < input.companions.size(); ++i)
    publish(input.companions[i].report.log, static_cast<std::uint32_t>(i + 1), facts);
}

}  // namespace

constinit const Analysis kLogEvents{"log_events", kSchemas, run};

}  // namespace panicscan::analysis
