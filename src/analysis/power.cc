#include "analysis/analysis.h"

#include "analysis/message.h"
#include "base/text.h"
#include "model/names.h"
#include "model/vendor.h"

// MyDriver::setPowerState(0xfffffe2fb1a65c00 : 0xfffffe0020bfed88, 0 -> 2) timed out after 21257 ms
//
// The first pointer is the service, the second the setPowerState function of its controlling
// driver. For a driver extension that function is the kernel's own IOUserServer::setPowerState, so
// the second pointer tells extensions (it lies in the kernel) from kexts (it lies in the kext).
// Source: xnu iokit/Kernel/IOServicePM.cpp, IOService::ackTimerTick; the time limits from
// notifyControllingDriverDone and iokit/Kernel/IOUserServer.cpp, serviceSetPowerState.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"service", ValueType::text, "name of the service that had to change its state"},
    {"object", ValueType::address, "the service object"},
    {"implementation", ValueType::address,
     "the setPowerState function that was asked; absent in the one-pointer form"},
    {"pointers", ValueType::number, "how many pointers the message prints: 1 or 2"},
    {"from", ValueType::number, "power state it was in"},
    {"to", ValueType::number, "power state it was to reach"},
    {"from_name", ValueType::text,
     "the old state as driver extensions number them: off, low, on or other"},
    {"to_name", ValueType::text, "the new state, likewise"},
    {"transition", ValueType::text, "power-up, power-down, low-power or other"},
    {"elapsed", ValueType::milliseconds, "from the request until the kernel gave up"},
    {"window", ValueType::text,
     "which limit the time fits: dext-20s, kext-10s, kext-long or other"},
    {"inside_override", ValueType::milliseconds,
     "for dext-20s: how long the SetPowerState call itself ran before the 20.1 s wait began"},
    {"implementation_in", ValueType::text, "where the function lies: kernel, kext or unknown"},
    {"implementation_image", ValueType::text, "the image it lies in"},
    {"dext", ValueType::text, "bundle id of the driver extension that the message names, if any"},
    {"arch", ValueType::text, "arm64, x86_64, arm32 or unknown"},
};
constexpr FactSchema kSchema{"power.setpowerstate",
                             "A driver did not acknowledge a change of its power state in time.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// The message, taken apart; parts are views into it.
struct Timeout {
  std::string_view service;
  std::uint64_t object = 0;
  std::optional<std::uint64_t> implementation;
  std::uint64_t from = 0, to = 0, elapsed = 0;
  std::string_view whole, states, time;
};

std::optional<Timeout> parse(std::string_view text) {
  Timeout timeout;
  const auto before = consume_until(text, "::setPowerState(");
  if (!before) return std::nullopt;
  const auto line = before->find_last_of("\n\"");
  timeout.service = trim(before->substr(line == std::string_view::npos ? 0 : line + 1));

  const auto object = consume_hex(text);
  if (!object) return std::nullopt;
  timeout.object = *object;
  if (consume(text, " : ")) {
    timeout.implementation = consume_hex(text);
    if (!timeout.implementation) return std::nullopt;
  }
  if (!consume(text, ", ")) return std::nullopt;
  const std::string_view at_states = text;
  const auto from = consume_decimal(text);
  if (!from || !consume(text, " -> ")) return std::nullopt;
  const auto to = consume_decimal(text);
  if (!to) return std::nullopt;
  timeout.states = consumed(at_states, text);
  if (!consume(text, ") timed out after ")) return std::nullopt;
  const std::string_view at_time = text;
  const auto elapsed = consume_decimal(text);
  if (!elapsed) return std::nullopt;
  consume(text, " ms");
  timeout.time = consumed(at_time, text);
  timeout.from = *from;
  timeout.to = *to;
  timeout.elapsed = *elapsed;
  timeout.whole = std::string_view(timeout.service.data(),
                                   static_cast<std::size_t>(text.data() - timeout.service.data()));
  return timeout;
}

/// Whose table a number of a power state is from.
enum class States { of_dext, of_kext, unknown };

/// A driver extension has three power states; a kext numbers its own.
/// Source: xnu iokit/Kernel/IOUserServer.cpp, sPowerStates.
std::string_view state_name(std::uint64_t state, States states) {
  if (state == 0) return "off";
  if (states == States::of_kext) return "other";
  return state == 1 ? "low" : state == 2 ? "on" : "other";
}

std::string state_meaning(std::uint64_t state, States states) {
  if (states == States::of_kext)
    return state == 0 ? "off, by custom; kexts number their own states"
                      : "a state of this driver's own table; the number says no more";
  const std::string_view otherwise =
      states == States::unknown ? " if it is a driver extension; kexts number their own" : "";
  switch (state) {
    case 0:
      return "off";
    case 1:
      return "low power (kIOPMLowPower)" + std::string(otherwise);
    case 2:
      return "on (kIOPMPowerOn)" + std::string(otherwise);
    default:
      if (states == States::unknown) return "a state of this driver's own table";
      return "no state of a driver extension: they have 0, 1 and 2";
  }
}

std::string_view transition_of(std::uint64_t from, std::uint64_t to, States states) {
  if (to == from) return "other";
  if (states == States::of_kext) return to > from ? "power-up" : "power-down";
  if (from == 0 && to == 2) return "power-up";
  if (to == 0) return "power-down";
  return from <= 2 && to <= 2 ? "low-power" : "other";
}

/// A limit on the acknowledgement, as the elapsed time shows it.
struct Window {
  std::string_view name;
  std::uint64_t from_ms, to_ms;
  std::string_view meaning;
};
/// The kernel counts 201 ticks of 100 ms for an extension and at least 101 for a kext.
constexpr std::uint64_t kDextLimitMs = 20'100;
constexpr Window kWindows[] = {
    {"kext-10s", 10'100, 10'700,
     "the shortest limit, 10 s: the driver asked for less and never acknowledged"},
    {"dext-20s", kDextLimitMs, 25'000, "the 20 s that a driver extension has to acknowledge"},
    {"kext-long", 25'001, ~std::uint64_t{0}, "a limit of its own that a kext asked for"},
};

const Window* window_of(std::uint64_t elapsed) {
  for (const Window& window : kWindows)
    if (window.from_ms <= elapsed && elapsed <= window.to_ms) return &window;
  return nullptr;
}

/// Where the setPowerState function lies: "kernel", "kext" or "unknown".
struct Home {
  std::string_view kind = "unknown";
  Placement place;
};

Home home_of(const Input& input, std::optional<std::uint64_t> implementation) {
  if (!implementation) return {};
  Home home{"unknown", input.placer.place({*implementation}, AddressSpace::panic_text)};
  if (home.place.status != PlacementStatus::placed) {
    // Before Big Sur Intel kexts had two gigabytes to themselves, below the kernel.
    if ((*implementation >> 31) == (0xffffff7f80000000 >> 31)) home.kind = "kext";
  } else if (home.place.image == "kernel") {
    home.kind = "kernel";
  } else if (!home.place.image.empty() && home.place.image != "kernelcache") {
    home.kind = "kext";
  }
  return home;
}

std::string home_meaning(const Home& home) {
  if (home.kind == "kernel")
    return std::string("in the kernel itself") +
           (home.place.is_guess ? ", by its base alone" : "") +
           ": IOUserServer's function when the service is a driver extension";
  if (home.kind == "kext")
    return home.place.image.empty()
               ? "where Intel kexts are loaded"
               : "in " + home.place.image + " + " + hex(home.place.offset.value);
  return "no image of the report covers it";
}

/// The extension that the message itself names, if it names any.
const Dext* named_dext(const Panic& panic, std::string_view service) {
  for (const Dext& dext : panic.dexts)
    if (!service.empty() && dext.bundle_id.ends_with(service)) return &dext;
  return panic.dexts.empty() ? nullptr : &panic.dexts.front();
}

/// By where the function lies; failing that by the report's words and by the limit that ran out.
States states_of(const Home& home, const Dext* dext, const Window* window) {
  if (home.kind == "kext") return States::of_kext;
  if (home.kind == "kernel" || dext != nullptr) return States::of_dext;
  if (window == nullptr) return States::unknown;
  return window->name == "dext-20s" ? States::of_dext : States::of_kext;
}

void decode(const Timeout& timeout, const Home& home, States states, Fact& fact) {
  auto& rows = fact.decoded;
  rows.push_back({"object", hex(timeout.object), "the service, an object on the kernel's heap"});
  if (timeout.implementation)
    rows.push_back({"function", hex16(*timeout.implementation), home_meaning(home)});
  else
    rows.push_back(
        {"function", "not printed", "the one-pointer form: a development kernel, or not macOS"});
  rows.push_back({"from", std::to_string(timeout.from), state_meaning(timeout.from, states)});
  rows.push_back({"to", std::to_string(timeout.to), state_meaning(timeout.to, states)});
  const Window* window = window_of(timeout.elapsed);
  rows.push_back(
      {"elapsed", std::to_string(timeout.elapsed) + " ms",
       window != nullptr ? std::string(window->meaning) : "fits no limit that is known"});
  if (window != nullptr && window->name == "dext-20s")
    rows.push_back({"inside SetPowerState",
                    "about " + std::to_string(timeout.elapsed - kDextLimitMs) + " ms",
                    "the call returned after that; then 20.1 s passed without an acknowledgement"});
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  const Panic& panic = *input.report.panic;
  const Message message(input.report);
  const auto timeout = parse(message.text());
  if (!timeout) return;
  const Home home = home_of(input, timeout->implementation);
  const Window* window = window_of(timeout->elapsed);
  const Dext* dext = named_dext(panic, timeout->service);
  const States states = states_of(home, dext, window);
  const auto text = [](std::string_view value) { return Value::text(std::string(value)); };

  Fact fact(kSchema);
  fact.set("service", text(timeout->service));
  fact.set("object", Value::address(timeout->object));
  if (timeout->implementation) fact.set("implementation", Value::address(*timeout->implementation));
  fact.set("pointers", Value::number(timeout->implementation ? 2 : 1));
  fact.set("from", Value::number(timeout->from));
  fact.set("to", Value::number(timeout->to));
  fact.set("from_name", text(state_name(timeout->from, states)));
  fact.set("to_name", text(state_name(timeout->to, states)));
  fact.set("transition", text(transition_of(timeout->from, timeout->to, states)));
  fact.set("elapsed", Value::of(ValueType::milliseconds, timeout->elapsed));
  fact.set("window", text(window != nullptr ? window->name : "other"));
  if (window != nullptr && window->name == "dext-20s")
    fact.set("inside_override",
             Value::of(ValueType::milliseconds, timeout->elapsed - kDextLimitMs));
  fact.set("implementation_in", text(home.kind));
  if (!home.place.image.empty()) fact.set("implementation_image", text(home.place.image));
  if (dext != nullptr) fact.set("dext", text(dext->bundle_id));
  fact.set("arch", text(to_string(input.report.machine.arch)));

  decode(*timeout, home, states, fact);
  fact.because.push_back(
      message.says(std::string(timeout->service) + " did not acknowledge in time", timeout->whole));
  fact.because.push_back(
      message.says("the change was " + std::string(timeout->states), timeout->states));
  fact.because.push_back(message.says("it took " + std::string(timeout->time), timeout->time));
  if (dext != nullptr)
    fact.because.push_back({"the message names " + dext->bundle_id, dext->where, {}, {}});
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kPower{"power", kSchemas, run};

}  // namespace panicscan::analysis
