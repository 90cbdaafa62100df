#include <algorithm>
#include <array>

#include "analysis/analysis.h"
#include "analysis/message.h"
#include "analysis/own_frame.h"
#include "base/text.h"
#include "model/names.h"
#include "model/vendor.h"

// Which process crashed, on which thread. Of a driver extension the path says that it is one:
// Apple's are below /System/Library/DriverExtensions, all others in a .dext below
// /Library/SystemExtensions; both run with the DriverKit framework among their images.

namespace panicscan::analysis {
namespace {

constexpr FactField kProcessFields[] = {
    {"name", ValueType::text, "name of the process"},
    {"bundle", ValueType::text, "its bundle id"},
    {"version", ValueType::text, "of the bundle"},
    {"path", ValueType::text, "of its executable"},
    {"pid", ValueType::pid, "its process id"},
    {"vendor", ValueType::text, "apple, third_party or unknown"},
    {"is_dext", ValueType::boolean, "whether it is a driver extension"},
    {"fatal", ValueType::boolean, "false when the report only simulates a crash (308, 385)"},
    {"corpse", ValueType::boolean, "whether the report was made after the process had died"},
    {"lived", ValueType::milliseconds, "from launch to crash, when the report gives both times"},
};
constexpr FactSchema kProcess{"crash.process", "The process that a crash report is about.",
                              kProcessFields};

constexpr FactField kThreadFields[] = {
    {"number", ValueType::number, "its position among the threads, from 0"},
    {"tid", ValueType::tid, "its id, when the report gives one"},
    {"name", ValueType::text, "its name"},
    {"queue", ValueType::text, "label of its dispatch queue"},
    {"frames", ValueType::number, "length of its stack"},
    {"top_image", ValueType::text, "image of its innermost frame"},
    {"own_image", ValueType::text,
     "of the frames that are not the system's, the innermost's image"},
    {"own_function", ValueType::text, "the function of that frame, when it has a name"},
};
constexpr FactSchema kThread{
    "crash.thread", "The thread that crashed, or that the report is about.", kThreadFields};

constexpr const FactSchema* kSchemas[] = {&kProcess, &kThread};

bool is_dext(const Report& report, const Crash& crash) {
  if (crash.path.find(".dext/") != std::string::npos ||
      crash.path.starts_with("/System/Library/DriverExtensions/"))
    return true;
  return std::ranges::any_of(report.images, [](const Image& image) {
    return image.path.starts_with("/System/DriverKit/") &&
           image.path.ends_with("/DriverKit.framework/DriverKit");
  });
}

/// Milliseconds of a time as reports print it, "2025-01-02 03:04:05.678 +0000", from an arbitrary
/// start; the zones of two times of one report are the same.
std::optional<std::uint64_t> milliseconds_of(std::string_view text) {
  std::array<std::uint64_t, 6> parts{};
  constexpr std::string_view kBehind = "-- ::.";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = consume_decimal(text);
    if (!number || *number > 9999) return std::nullopt;
    parts[i] = *number;
    if (i + 1 < parts.size() && !consume(text, kBehind.substr(i, 1))) return std::nullopt;
  }
  std::uint64_t fraction = 0;
  if (consume(text, ".")) {
    // Three digits, or four in newer reports.
    const std::string_view digits =
        consume_while(text, [](char c) { return is_digit(c); }).substr(0, 3);
    for (std::size_t i = 0; i < 3; ++i)
      fraction =
          fraction * 10 + (i < digits.size() ? static_cast<std::uint64_t>(digits[i] - '0') : 0);
  }
  // Days since 0000-03-01 by the civil calendar.
  const std::uint64_t month = parts[1] <= 2 ? parts[1] + 9 : parts[1] - 3;
  const std::uint64_t year = parts[1] <= 2 ? (parts[0] > 0 ? parts[0] - 1 : 0) : parts[0];
  const std::uint64_t days =
      year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + parts[2];
  return (((days * 24 + parts[3]) * 60 + parts[4]) * 60 + parts[5]) * 1000 + fraction;
}

std::string_view vendor_word(const Crash& crash) {
  const Vendor vendor = vendor_of_dext(crash.bundle_id, crash.path);
  return vendor == Vendor::apple         ? "apple"
         : vendor == Vendor::third_party ? "third_party"
                                         : "unknown";
}

void set_text(Fact& fact, std::string_view field, const std::string& text) {
  if (!text.empty()) fact.set(field, Value::text(text));
}

void add_process(const Report& report, const Crash& crash, Facts& facts) {
  Fact fact(kProcess);
  set_text(fact, "name", crash.process);
  set_text(fact, "bundle", crash.bundle_id);
  set_text(fact, "version", crash.version);
  set_text(fact, "path", crash.path);
  if (crash.pid && crash.pid->value >= 0)
    fact.set("pid", Value::of(ValueType::pid, static_cast<std::uint64_t>(crash.pid->value)));
  fact.set("vendor", Value::text(std::string(vendor_word(crash))));
  fact.set("is_dext", Value::boolean(is_dext(report, crash)));
  fact.set("fatal", Value::boolean(crash.is_fatal));
  fact.set("corpse", Value::boolean(crash.is_corpse));
  const auto launched = milliseconds_of(crash.launch_time), died = milliseconds_of(crash.time);
  if (launched && died && *died >= *launched)
    fact.set("lived", Value::of(ValueType::milliseconds, *died - *launched));
  fact.because.push_back({"the report is about the process " +
                              (crash.process.empty() ? crash.bundle_id : crash.process),
                          crash.where,
                          {},
                          {}});
  facts.all.push_back(std::move(fact));
}

void add_thread(const Input& input, const Crash& crash, Facts& facts) {
  const Report& report = input.report;
  const std::uint32_t number = crash.crashed_thread->value;
  const Thread& thread = report.threads[number];
  Fact fact(kThread);
  fact.set("number", Value::number(number));
  // Text reports number their threads instead of giving ids.
  if (thread.id.value != number) fact.set("tid", Value::of(ValueType::tid, thread.id.value));
  set_text(fact, "name", thread.name);
  set_text(fact, "queue", thread.queue);
  const IndexRange<Frame> stack = thread.user_stack;
  fact.set("frames", Value::number(stack.size()));
  if (!stack.empty() && stack.begin < input.placements.size())
    set_text(fact, "top_image", input.placements[stack.begin].image);
  Evidence evidence{"the thread that crashed", thread.where, {}, thread.id};
  if (const auto own = own_frame(input, stack)) {
    set_text(fact, "own_image", input.placements[own->value].image);
    const auto names = input.symbols.of(*own);
    if (!names.empty()) set_text(fact, "own_function", names.front().function);
    evidence.frame = own;
  }
  fact.because.push_back(std::move(evidence));
  facts.panicked_thread = crash.crashed_thread;
  facts.all.push_back(std::move(fact));
}

void run(const Input& input, Facts& facts) {
  if (!input.report.crash) return;
  add_process(input.report, *input.report.crash, facts);
  if (input.report.crash->crashed_thread) add_thread(input, *input.report.crash, facts);
}

}  // namespace

std::optional<Index<Frame>> own_frame(const Input& input, IndexRange<Frame> stack) {
  for (std::uint32_t i = stack.begin; i < stack.end && i < input.placements.size(); ++i) {
    if (input.is_own({i})) return Index<Frame>{i};
    const Placement& place = input.placements[i];
    if (place.status != PlacementStatus::placed || !place.index) continue;
    const Image& image = input.report.images[place.index->value];
    const bool is_systems =
        image.kind == ImageKind::cached_library || image.kind == ImageKind::shared_cache ||
        is_apple(image.path.empty() ? image.name : image.path) ||
        (image.path.empty() && (image.name.ends_with(".dylib") || image.name.starts_with("dyld")));
    if (!is_systems) return Index<Frame>{i};
  }
  return std::nullopt;
}

constinit const Analysis kCrashProcess{"crash_process", kSchemas, run};

}  // namespace panicscan::analysis
