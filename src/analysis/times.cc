#include "analysis/analysis.h"

#include <chrono>
#include <cstdio>

#include "base/text.h"

// Epoch Time:        sec       usec
//   Boot    : 0x66f00000 0x00000000
//   Sleep   : 0x00000000 0x00000000
//   Calendar: 0x66f00100 0x0000ffff        the time of the panic
// mach_absolute_time: 0x16e360000          ticks without sleep
// Source: xnu osfmk/arm/model_dep.c do_print_all_panic_info, osfmk/i386/AT386/model_dep.c.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"boot", ValueType::text, "RFC 3339, UTC"},
    {"sleep", ValueType::text, "last time it went to sleep"},
    {"wake", ValueType::text, "last time it woke"},
    {"panic", ValueType::text, "when it panicked"},
    {"since_boot", ValueType::seconds, "from boot to panic, sleep included"},
    {"awake", ValueType::seconds, "the same without sleep, from the tick counter"},
    {"since_wake", ValueType::seconds, "from the last wake to the panic"},
    {"slept", ValueType::boolean, "whether it had slept since boot"},
};
constexpr FactSchema kSchema{"time.panic", "When the machine booted, slept, woke and panicked.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// 24 MHz on Apple silicon, phones and T2; Intel counts nanoseconds.
constexpr std::uint64_t ticks_per_second(Arch arch) {
  return arch == Arch::x86_64 ? 1'000'000'000 : 24'000'000;
}

/// "2024-09-22T11:31:12Z"; nothing for a date past the year 9999, which is damage.
std::optional<std::string> rfc3339(std::uint64_t seconds) {
  constexpr std::uint64_t kYear10000 = 253402300800;
  if (seconds >= kYear10000) return std::nullopt;
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

/// "2 d 3 h 4 min 5 s"
std::string in_words(std::uint64_t seconds) {
  struct Unit {
    std::uint64_t seconds;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};
  std::string text;
  for (const Unit& unit : kUnits) {
    const std::uint64_t count = seconds / unit.seconds;
    seconds %= unit.seconds;
    if (count == 0 && !(unit.seconds == 1 && text.empty())) continue;
    text += (text.empty() ? "" : " ") + std::to_string(count) + unit.name;
  }
  return text;
}

/// Seconds of a row of the table; nothing when it is absent or all zero, which means "never".
std::optional<std::uint64_t> seconds_of(const std::optional<Sourced<EpochTime>>& row) {
  if (!row || row->value.seconds == 0) return std::nullopt;
  return row->value.seconds;
}

std::optional<std::uint64_t> awake_seconds(const Report& report) {
  const PanicTimes& times = report.panic->times;
  if (times.uptime_ns) return times.uptime_ns->value / 1'000'000'000;
  if (times.mach_absolute_time)
    return times.mach_absolute_time->value / ticks_per_second(report.machine.arch);
  return std::nullopt;
}

/// Says so when the two clocks cannot both be right.
void compare(std::uint64_t since_boot, std::uint64_t awake, bool slept, Fact& fact) {
  const std::uint64_t slack = 10 + since_boot / 100;
  if (awake > since_boot + slack)
    fact.decoded.push_back({"clocks", "disagree",
                            "more ticks than time since boot: the counter already ran in the boot "
                            "loader, or the clock was set later"});
  else if (!slept && awake + slack < since_boot)
    fact.decoded.push_back({"clocks", "disagree",
                            "fewer ticks than time since boot although it never slept: "
                            "the clock was set, or the processor stood still"});
  else if (slept && since_boot >= awake)
    fact.decoded.push_back(
        {"asleep", in_words(since_boot - awake), "time since boot without ticks"});
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  const PanicTimes& times = input.report.panic->times;
  const auto boot = seconds_of(times.boot), sleep = seconds_of(times.sleep),
             wake = seconds_of(times.wake), panic = seconds_of(times.calendar);
  const auto awake = awake_seconds(input.report);
  if (!boot && !panic && !awake) return;

  Fact fact(kSchema);
  fact.origin = Origin::inferred;
  const auto set_time = [&](std::string_view field, std::optional<std::uint64_t> seconds,
                            const char* meaning) {
    if (!seconds) return;
    const auto text = rfc3339(*seconds);
    if (!text) return;
    fact.set(field, Value::text(*text));
    fact.decoded.push_back({std::string(field), hex(*seconds), *text + meaning});
  };
  set_time("boot", boot, "");
  set_time("sleep", sleep, ", the last time");
  set_time("wake", wake, ", the last time");
  set_time("panic", panic, ", by the machine's own clock");

  const auto set_span = [&](std::string_view field, std::uint64_t seconds) {
    fact.set(field, Value::of(ValueType::seconds, seconds));
    fact.decoded.push_back({std::string(field), std::to_string(seconds) + " s", in_words(seconds)});
  };
  if (times.sleep || times.wake) fact.set("slept", Value::boolean(sleep.has_value()));
  if (boot && panic && *panic >= *boot) set_span("since_boot", *panic - *boot);
  if (wake && panic && *panic >= *wake) set_span("since_wake", *panic - *wake);
  if (awake) set_span("awake", *awake);
  if (boot && panic && *panic < *boot)
    fact.decoded.push_back(
        {"clocks", "disagree", "it panicked before it booted: the clock was set in between"});
  else if (boot && panic && awake)
    compare(*panic - *boot, *awake, sleep.has_value(), fact);

  if (times.calendar)
    fact.because.push_back({"the time of the panic", times.calendar->where, {}, {}});
  if (times.boot) fact.because.push_back({"the time of the boot", times.boot->where, {}, {}});
  if (times.mach_absolute_time)
    fact.because.push_back({"ticks at the panic", times.mach_absolute_time->where, {}, {}});
  if (times.uptime_ns)
    fact.because.push_back({"uptime at the panic", times.uptime_ns->where, {}, {}});
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kTimes{"times", kSchemas, run};

}  // namespace panicscan::analysis
