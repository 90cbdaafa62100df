#include "render/timeline.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/timestamp.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kShownMessage = 240;

std::optional<std::int64_t> in_us(const std::optional<Sourced<EpochTime>>& time) {
  constexpr std::uint64_t kYear10000 = 253'402'300'800;
  if (!time || time->value.seconds == 0 || time->value.seconds >= kYear10000) return std::nullopt;
  return static_cast<std::int64_t>(time->value.seconds * 1'000'000 + time->value.microseconds);
}

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  return text.size() <= kShownMessage ? std::string(text)
                                      : std::string(text.substr(0, kShownMessage)) + "…";
}

/// Collects the moments of one file.
class Collector {
 public:
  Collector(std::uint32_t companion, std::optional<std::int64_t> boot_us,
            std::vector<Moment>& moments)
      : companion_(companion), boot_us_(boot_us), moments_(moments) {}

  void collect(const Report& report) {
    if (report.panic) collect(*report.panic);
    if (report.crash) collect(*report.crash);
    for (const LogEvent& event : report.log.events) collect(event);
  }

 private:
  void add(std::optional<std::int64_t> at, std::string says, SourceRef where, bool is_log = false) {
    if (at && utc_text(*at)) moments_.push_back({*at, companion_, std::move(says), where, is_log});
  }

  void collect(const Panic& panic) {
    const PanicTimes& times = panic.times;
    const auto where = [](const auto& time) { return time ? time->where : SourceRef{}; };
    add(in_us(times.boot), "boot", where(times.boot));
    add(in_us(times.sleep), "last sleep", where(times.sleep));
    add(in_us(times.wake), "last wake", where(times.wake));
    add(in_us(times.calendar), "panic: " + first_line(panic.message.value), where(times.calendar));
  }

  void collect(const Crash& crash) {
    const std::string& name = crash.bundle_id.empty() ? crash.process : crash.bundle_id;
    add(parse_timestamp(crash.launch_time), name + " was launched", crash.where);
    std::string how = crash.exception ? crash.exception->type : std::string();
    if (crash.exception && !crash.exception->signal.empty())
      how += (how.empty() ? "" : " ") + ("(" + crash.exception->signal + ")");
    const std::string verb = crash.is_fatal ? " crashed" : " was reported";
    add(parse_timestamp(crash.time), name + verb + (how.empty() ? "" : ": " + how), crash.where);
  }

  void collect(const LogEvent& event) {
    auto at = event.unix_us;
    if (!at && event.since_boot_us && boot_us_ && *event.since_boot_us < (std::uint64_t{1} << 52))
      at = *boot_us_ + static_cast<std::int64_t>(*event.since_boot_us);
    const std::string who = event.process.empty() ? "" : event.process + ": ";
    add(at, who + first_line(event.message), event.where, true);
  }

  std::uint32_t companion_;
  std::optional<std::int64_t> boot_us_;
  std::vector<Moment>& moments_;
};

}  // namespace

Timeline timeline(const Case& subject, std::size_t most) {
  Timeline result;
  const auto boot = subject.report.panic ? in_us(subject.report.panic->times.boot) : std::nullopt;
  Collector(0, boot, result.moments).collect(subject.report);
  for (std::size_t i = 0; i < subject.companions.size(); ++i)
    Collector(static_cast<std::uint32_t>(i + 1), boot, result.moments)
        .collect(subject.companions[i].report);
  std::ranges::stable_sort(result.moments, {}, &Moment::unix_us);
  const auto lines =
      static_cast<std::size_t>(std::ranges::count(result.moments, true, &Moment::is_log));
  result.left_out = lines > most ? lines - most : 0;
  std::size_t skip = result.left_out;
  std::erase_if(result.moments, [&](const Moment& moment) {
    if (!moment.is_log || skip == 0) return false;
    --skip;
    return true;
  });
  return result;
}

}  // namespace panicscan::render
