#include "analysis/analysis.h"

#include "analysis/message.h"
#include "base/text.h"
#include "model/names.h"
#include "model/vendor.h"

// Sleep transition timed out after 180 seconds while calling power state change callbacks.
//   Suspected bundle: com.apple.iokit.IOUSBHostFamily. Thread 0x12ee.
// Failure code:: 0x00000040 00000014
// Source: xnu iokit/Kernel/IOPMrootDomain.cpp, getFailureData and tracePhase2String.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"direction", ValueType::text, "sleep or wake"},
    {"waited", ValueType::seconds, "how long the kernel waited"},
    {"phase", ValueType::text, "what was being done"},
    {"bundle", ValueType::text, "the bundle that the kernel suspects"},
    {"bundle_vendor", ValueType::text, "apple or third_party"},
    {"thread", ValueType::tid, "the thread that is blocked"},
    {"failure_code", ValueType::text, "the two words of the failure code as printed"},
};
constexpr FactSchema kSchema{"sleepwake.timeout", "Going to sleep or waking up took too long.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// The text from `before` up to the end of its sentence; the dots of a bundle id end none.
std::string_view sentence_behind(std::string_view text, std::string_view before) {
  if (!skip_past(text, before)) return {};
  std::size_t end = 0;
  while (end < text.size() && text[end] != '\n' &&
         !(text[end] == '.' && (end + 1 == text.size() || is_space(text[end + 1]))))
    ++end;
  return trim(text.substr(0, end));
}

/// The line of the failure code: part of the message, or a field of its own.
std::string failure_code(const Report& report, std::string_view text) {
  constexpr std::string_view kLabel = "Failure code:";
  for (std::string_view where = text; skip_past(where, kLabel);) {
    consume(where, ":");
    return std::string(trim(where.substr(0, where.find('\n'))));
  }
  for (const Field& field : report.fields) {
    if (!field.name.starts_with("Failure code")) continue;
    std::string_view value = field.value;
    consume(value, ":");
    return std::string(trim(value));
  }
  return {};
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  const Message message(input.report);
  const std::string_view text = message.text();
  const bool is_hang = text.starts_with("Sleep/Wake hang detected");
  const bool is_sleep = text.starts_with("Sleep transition timed out");
  if (!is_hang && !is_sleep && !text.starts_with("Wake transition timed out")) return;

  Fact fact(kSchema);
  if (!is_hang) fact.set("direction", Value::text(is_sleep ? "sleep" : "wake"));
  std::string_view rest = text;
  if (skip_past(rest, "timed out after "))
    if (const auto waited = consume_decimal(rest))
      fact.set("waited", Value::of(ValueType::seconds, *waited));
  // A pasted text may be wrapped inside the sentence.
  std::string flat(text.substr(0, text.find("Failure code")));
  for (char& c : flat)
    if (c == '\n') c = ' ';

  if (const auto phase = sentence_behind(flat, " while "); !phase.empty()) {
    fact.set("phase", Value::text(std::string(phase)));
    const bool is_driver = phase.starts_with("calling power state change callbacks");
    const bool is_client = phase.starts_with("notifying");
    fact.decoded.push_back({"phase", std::string(phase),
                            is_driver ? "a driver did not finish its change of power state"
                            : is_client
                                ? "a process or kernel client did not answer the notification"
                                : ""});
  }
  if (const auto bundle = sentence_behind(flat, "Suspected bundle: "); !bundle.empty()) {
    fact.set("bundle", Value::text(std::string(bundle)));
    fact.set("bundle_vendor", Value::text(std::string(to_string(vendor_of(bundle)))));
    fact.decoded.push_back(
        {"bundle", std::string(bundle), "owns the driver or client that was being called"});
  }
  std::string_view behind = flat;
  if (skip_past(behind, "Thread 0x"))
    if (const auto thread = consume_hex_digits(behind)) {
      fact.set("thread", Value::of(ValueType::tid, *thread));
      fact.decoded.push_back(
          {"thread", hex(*thread), "thread " + std::to_string(*thread) + ", which is blocked"});
    }
  if (std::string code = failure_code(input.report, text); !code.empty())
    fact.set("failure_code", Value::text(std::move(code)));
  fact.because.push_back(message.says("the transition took too long", message.first_line()));
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kSleepWake{"sleep_wake", kSchemas, run};

}  // namespace panicscan::analysis
