#include "analysis/analysis.h"

#include <algorithm>
#include <iterator>

#include "analysis/message.h"
#include "base/text.h"

// watchdog timeout: no checkins from watchdogd in 92 seconds (66 total checkins since monitoring
// last enabled) userspace watchdog timeout: no successful checkins from com.apple.WindowServer (2
// induced crashes) in 120 seconds service returned not alive with context : is_alive_func returned
// unhealthy : … service: com.apple.logd, total successful checkins since load (150 seconds ago):
// 16, last successful checkin: 0 seconds ago service: com.apple.WindowServer, no successful
// checkins since load (120 seconds ago) watchdogd is closed; the grammar is that of real reports.

namespace panicscan::analysis {
namespace {

constexpr FactField kKernelFields[] = {
    {"waited", ValueType::seconds, "time without a check-in"},
    {"checkins", ValueType::number, "check-ins since monitoring was last enabled"},
    {"since", ValueType::text, "\"boot\" when there never was one; else absent"},
    {"shutdown", ValueType::boolean, "whether a shutdown was in progress"},
};
constexpr FactSchema kKernelSchema{
    "watchdog.kernel", "watchdogd itself stopped checking in with the kernel.", kKernelFields};

constexpr FactField kUserspaceFields[] = {
    {"service", ValueType::text, "the service"},
    {"waited", ValueType::seconds, "time without a successful check-in"},
    {"since", ValueType::text, "since when, when the text says so: boot, wake or load"},
    {"induced_crashes", ValueType::number, "how often watchdogd had already made it crash"},
    {"context", ValueType::text, "what the service itself said to be wrong"},
    {"services", ValueType::number, "how many services the text lists"},
};
constexpr FactSchema kUserspaceSchema{
    "watchdog.userspace", "watchdogd found a service that does not answer.", kUserspaceFields};

constexpr FactField kServiceFields[] = {
    {"service", ValueType::text, "the service"},
    {"checkins", ValueType::number, "successful check-ins; 0 for none"},
    {"last_checkin", ValueType::seconds, "how long ago the last one was"},
    {"induced_crashes", ValueType::number, "how often watchdogd had already made it crash"},
};
constexpr FactSchema kServiceSchema{
    "watchdog.service", "The check-in record of one service that watchdogd looks after.",
    kServiceFields};

constexpr const FactSchema* kSchemas[] = {&kKernelSchema, &kUserspaceSchema, &kServiceSchema};

Value seconds(std::uint64_t value) { return Value::of(ValueType::seconds, value); }

std::string_view consume_service(std::string_view& text) {
  return consume_while(text, [](char c) { return is_name_character(c, "._-:/@"); });
}

/// " (3 induced crashes)"
std::optional<std::uint64_t> consume_crashes(std::string_view& text) {
  std::string_view rest = text;
  if (!consume(rest, " (")) return std::nullopt;
  const auto count = consume_decimal(rest);
  if (!count || !consume(rest, " induced crash")) return std::nullopt;
  consume(rest, "es");
  consume(rest, ")");
  text = rest;
  return count;
}

/// "since wake", "since load", "has not exited since first loaded".
std::string_view since_in(std::string_view text) {
  if (text.find("since wake") != std::string_view::npos) return "wake";
  if (text.find("since boot") != std::string_view::npos) return "boot";
  if (text.find("since load") != std::string_view::npos ||
      text.find("since first loaded") != std::string_view::npos)
    return "load";
  return {};
}

/// "… 120 seconds …" behind " in " or in the first brackets.
std::optional<std::uint64_t> waited_in(std::string_view text) {
  for (const std::string_view before : {std::string_view(" in "), std::string_view("(")}) {
    std::string_view rest = text;
    if (!skip_past(rest, before)) continue;
    const auto number = consume_decimal(rest);
    if (number && rest.starts_with(" second")) return number;
  }
  return std::nullopt;
}

bool run_kernel(const Message& message, Facts& facts) {
  std::string_view text = message.first_line();
  if (!text.starts_with("watchdog timeout: no checkins from watchdogd")) return false;
  Fact fact(kKernelSchema);
  if (const auto waited = waited_in(text)) fact.set("waited", seconds(*waited));
  if (text.find("since boot") != std::string_view::npos) {
    fact.set("since", Value::text("boot"));
    fact.decoded.push_back(
        {"since", "boot", "watchdogd never checked in: the start of the system hung"});
  }
  std::string_view rest = text;
  if (skip_past(rest, "("))
    if (const auto count = consume_decimal(rest);
        count && rest.find("checkins") != std::string_view::npos) {
      fact.set("checkins", Value::number(*count));
      fact.decoded.push_back(
          {"check-ins", std::to_string(*count),
           "since monitoring was last enabled, at boot or wake; before that all was well"});
    }
  const bool shutdown = text.find("shutdown in progress") != std::string_view::npos;
  fact.set("shutdown", Value::boolean(shutdown));
  if (shutdown)
    fact.decoded.push_back({"shutdown", "in progress", "something did not let the system stop"});
  fact.because.push_back(message.says("watchdogd did not check in", text));
  facts.all.push_back(std::move(fact));
  return true;
}

/// One line about a service; nothing when it is no such line.
std::optional<Fact> service_fact(std::string_view line, SourceRef where) {
  std::string_view rest = line;
  consume(rest, "service: ");
  const std::string_view service = consume_service(rest);
  if (service.empty()) return std::nullopt;
  const auto crashes = consume_crashes(rest);
  if (!consume(rest, ", ")) return std::nullopt;

  Fact fact(kServiceSchema);
  fact.set("service", Value::text(std::string(service)));
  if (crashes) fact.set("induced_crashes", Value::number(*crashes));
  if (rest.starts_with("no successful checkins")) {
    fact.set("checkins", Value::number(0));
    fact.decoded.push_back({std::string(service), "no successful check-in", std::string(rest)});
  } else {
    std::string_view numbers = rest;
    if (!skip_past(numbers, "): ") && !skip_past(numbers, "seconds: ")) return std::nullopt;
    const auto checkins = consume_decimal(numbers);
    if (!checkins) return std::nullopt;
    fact.set("checkins", Value::number(*checkins));
    if (skip_past(numbers, "last successful checkin: ")) {
      const auto last = consume_decimal(numbers);
      if (last) {
        fact.set("last_checkin", seconds(*last));
        fact.decoded.push_back(
            {std::string(service), std::to_string(*last) + " s ago",
             *last < 30 ? "checks in as it should" : "its last successful check-in"});
      }
    }
  }
  fact.because.push_back({"the check-in record of " + std::string(service), where, {}, {}});
  return fact;
}

/// The lines about services: fields of their own, or lines of the message.
std::vector<Fact> service_facts(const Report& report, const Message& message) {
  constexpr std::size_t kMost = 200;  // watchdogd looks after a dozen
  std::vector<Fact> found;
  for (const Field& field : report.fields)
    if (field.name == "service" && found.size() < kMost)
      if (auto fact = service_fact(field.value, field.where)) found.push_back(*std::move(fact));
  if (!found.empty()) return found;
  LineReader lines(message.text());
  while (const auto line = lines.next())
    if (line->text.starts_with("service: ") && found.size() < kMost)
      if (auto fact = service_fact(line->text, message.at(line->text)))
        found.push_back(*std::move(fact));
  return found;
}

/// "service returned not alive with context : …": what the service itself found wrong.
std::string context_of(const Report& report, const Message& message) {
  constexpr std::string_view kLabel = "service returned not alive with context";
  const auto behind = [](std::string_view text) {
    while (!text.empty() && (text.front() == ':' || is_space(text.front()))) text.remove_prefix(1);
    return std::string(trim(text.substr(0, text.find('\n'))));
  };
  std::string_view text = message.text();
  if (skip_past(text, kLabel)) return behind(text);
  for (const Field& field : report.fields) {
    std::string_view value = field.value;
    if (field.name.starts_with(kLabel) || skip_past(value, kLabel)) return behind(value);
  }
  return {};
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  const Message message(input.report);
  if (run_kernel(message, facts)) return;
  std::string_view text = message.first_line();
  if (!consume(text, "userspace watchdog timeout: ")) return;
  consume(text, "no successful checkins from ");
  const std::string_view service = consume_service(text);
  const auto crashes = consume_crashes(text);
  std::vector<Fact> services = service_facts(input.report, message);

  Fact fact(kUserspaceSchema);
  fact.set("service", Value::text(std::string(service)));
  if (const auto waited = waited_in(text)) fact.set("waited", seconds(*waited));
  if (const auto since = since_in(text); !since.empty()) {
    fact.set("since", Value::text(std::string(since)));
    fact.decoded.push_back({"since", std::string(since), "it never answered since then"});
  }
  fact.set("induced_crashes", Value::number(crashes.value_or(0)));
  fact.decoded.push_back({"induced crashes", std::to_string(crashes.value_or(0)),
                          crashes.value_or(0) > 0
                              ? "watchdogd had made it crash to help it, in vain"
                              : "watchdogd had not tried to restart it"});
  if (std::string context = context_of(input.report, message); !context.empty()) {
    fact.decoded.push_back({"context", context, "what the service itself found wrong"});
    fact.set("context", Value::text(std::move(context)));
  }
  fact.set("services", Value::number(services.size()));
  fact.because.push_back(
      message.says(std::string(service) + " does not answer", message.first_line()));
  facts.all.push_back(std::move(fact));
  std::ranges::move(services, std::back_inserter(facts.all));
}

}  // namespace

constinit const Analysis kWatchdog{"watchdog", kSchemas, run};

}  // namespace panicscan::analysis
