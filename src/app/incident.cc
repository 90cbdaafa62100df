#include "app/incident.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>

namespace panicscan::app {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kMinute = 60 * kSecond;
/// How long before a panic a crash still has to do with it, when the boot time is not known.
constexpr std::int64_t kBefore = 10 * kMinute;
/// Reports are written, and logs end, a little later than what they tell of.
constexpr std::int64_t kAfter = 2 * kMinute;
/// A file is compared with so many reports at most.
constexpr std::size_t kMostCandidates = 1000;

bool is_panic(const Card& card) {
  return card.kind == ReportKind::kernel_panic || card.kind == ReportKind::forced_reset;
}
bool is_crash(const Card& card) { return card.kind == ReportKind::crash; }
/// Whether a file may be joined without naming what the report names.
bool tells_of_the_machine(const Card& card) {
  return card.kind == ReportKind::log || card.kind == ReportKind::device_tree || card.is_source;
}
bool is_log(const Card& card) { return card.kind == ReportKind::log; }
/// Whether a file can explain a log that stands alone.
bool explains_a_log(const Card& card) {
  return card.kind == ReportKind::device_tree || card.is_source;
}

/// Reports that others gather around, found by what they share with a file.
class Anchors {
 public:
  Anchors(std::span<const Card> cards, bool (*belongs)(const Card&)) : cards_(cards) {
    for (std::size_t i = 0; i < cards.size(); ++i) {
      if (!belongs(cards[i])) continue;
      all_.push_back(i);
      if (cards[i].boot_session) by_session_[*cards[i].boot_session].push_back(i);
      for (const std::string& name : cards[i].names) by_name_[name].push_back(i);
    }
  }

  const std::vector<std::size_t>& all() const { return all_; }

  /// Calls `visit` for each report that could have to do with the file.
  template <typename Visit>
  void candidates(const Card& file, Visit visit) const {
    std::size_t left = kMostCandidates;
    const auto visit_all = [&](const std::vector<std::size_t>& some) {
      for (const std::size_t anchor : some)
        if (left > 0) {
          --left;
          visit(anchor);
        }
    };
    if (all_.size() == 1) return visit_all(all_);
    if (file.boot_session)
      if (const auto found = by_session_.find(*file.boot_session); found != by_session_.end())
        visit_all(found->second);
    for (const std::string& name : file.names)
      if (const auto found = by_name_.find(name); found != by_name_.end()) visit_all(found->second);
  }

 private:
  std::span<const Card> cards_;
  std::vector<std::size_t> all_;
  std::map<Uuid, std::vector<std::size_t>> by_session_;
  std::map<std::string_view, std::vector<std::size_t>> by_name_;
};

/// How well a file fits a report: the higher the better, then the nearer in time.
struct Fit {
  int strength = 0;
  std::int64_t distance_us = 0;
  std::string because;

  bool is_better_than(const std::optional<Fit>& other) const {
    return !other || strength > other->strength ||
           (strength == other->strength && distance_us < other->distance_us);
  }
};

std::string seconds_text(std::int64_t us) {
  const std::int64_t tenths = us / (kSecond / 10);
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0 && tenths < 600) text += "." + std::to_string(tenths % 10);
  return text + " s";
}

std::string_view kind_word(const Card& report) {
  return is_panic(report) ? "panic" : is_crash(report) ? "crash" : "log";
}

/// "12 s before the panic"; empty when a time is not known.
std::string when(const Card& file, const Card& report) {
  if (!file.end_us || !report.end_us) return {};
  const std::string_view what = kind_word(report);
  const std::int64_t apart = *report.end_us - *file.end_us;
  const std::string_view verb = file.kind == ReportKind::log ? "ends " : "";
  return std::string(verb) + seconds_text(std::abs(apart)) + (apart >= 0 ? " before " : " after ") +
         "the " + std::string(what);
}

/// The longest name that both have; bundle ids are longer than class names.
std::string_view shared_name(const Card& file, const Card& report) {
  std::string_view longest;
  for (const std::string& name : file.names)
    if (name.size() > longest.size() && report.names.contains(name)) longest = name;
  return longest;
}

/// Whether the file's time can be that of the report; what is not known is no obstacle.
bool can_be_of_that_time(const Card& file, const Card& report) {
  if (!file.end_us || !report.end_us) return true;
  const std::int64_t from =
      is_panic(report) && report.begin_us ? *report.begin_us - kMinute : *report.end_us - kBefore;
  const std::int64_t file_begin =
      is_crash(file) ? *file.end_us : file.begin_us.value_or(*file.end_us);
  return *file.end_us >= from && file_begin <= *report.end_us + kAfter;
}

std::optional<Fit> fit(const Card& file, const Card& report, bool is_only_report) {
  Fit result;
  if (file.end_us && report.end_us) result.distance_us = std::abs(*report.end_us - *file.end_us);
  const std::string time = when(file, report);
  const auto add_time = [&] {
    if (!time.empty()) result.because += ", " + time;
  };
  if (file.boot_session && report.boot_session) {
    if (*file.boot_session != *report.boot_session) return std::nullopt;
    result.strength = 3;
    result.because = "same boot session " + to_string(*file.boot_session);
    add_time();
    return result;
  }
  const bool is_other_machine =
      !file.product.empty() && !report.product.empty() && file.product != report.product;
  if (is_other_machine || !can_be_of_that_time(file, report)) return std::nullopt;
  if (const std::string_view name = shared_name(file, report); !name.empty()) {
    result.strength = 2;
    result.because = "both name " + std::string(name);
    add_time();
    return result;
  }
  if (!is_only_report || !tells_of_the_machine(file)) return std::nullopt;
  // Both say which driver they are about, and it is not the same one.
  if (!file.drivers.empty() && !report.drivers.empty()) return std::nullopt;
  // All that speaks for it is its time, which must then be near.
  if (file.end_us && report.end_us && *file.end_us < *report.end_us - kBefore) return std::nullopt;
  result.strength = 1;
  result.because = "given with only one " + std::string(kind_word(report));
  add_time();
  return result;
}

}  // namespace

std::vector<Incident> form_incidents(std::span<const Card> cards) {
  const Anchors panics(cards, is_panic), crashes(cards, is_crash), logs(cards, is_log);
  std::vector<std::vector<JoinedFile>> joined(cards.size());
  std::vector<bool> is_companion(cards.size());

  const auto join_to_best = [&](std::size_t file, const Anchors& anchors) {
    std::optional<Fit> best;
    std::size_t best_report = 0;
    anchors.candidates(cards[file], [&](std::size_t report) {
      if (report == file || is_companion[report]) return;
      auto candidate = fit(cards[file], cards[report], anchors.all().size() == 1);
      if (!candidate || !candidate->is_better_than(best)) return;
      best = std::move(candidate);
      best_report = report;
    });
    if (!best) return;
    joined[best_report].push_back({file, std::move(best->because)});
    is_companion[file] = true;
  };

  for (std::size_t i = 0; i < cards.size(); ++i) {
    if (!cards[i].is_forced) continue;
    const auto& reports = !panics.all().empty()    ? panics.all()
                          : !crashes.all().empty() ? crashes.all()
                                                   : logs.all();
    for (const std::size_t report : reports)
      if (report != i && !cards[report].is_forced) {
        joined[report].push_back({i, "named with --with"});
        is_companion[i] = true;
      }
  }
  const auto may_be_companion = [&](std::size_t i) {
    return !is_companion[i] && cards[i].is_useful && !is_panic(cards[i]) &&
           (cards[i].kind != ReportKind::other || cards[i].is_source);
  };
  for (std::size_t i = 0; i < cards.size(); ++i)
    if (may_be_companion(i)) join_to_best(i, panics);
  for (std::size_t i = 0; i < cards.size(); ++i)
    if (may_be_companion(i) && !is_crash(cards[i])) join_to_best(i, crashes);
  for (std::size_t i = 0; i < cards.size(); ++i)
    if (may_be_companion(i) && explains_a_log(cards[i])) join_to_best(i, logs);

  const auto is_source = [](const Card& card) { return card.is_source; };
  const bool has_only_sources = std::ranges::all_of(cards, is_source);
  std::vector<Incident> incidents;
  for (std::size_t i = 0; i < cards.size(); ++i)
    if (!is_companion[i] && (!cards[i].is_source || has_only_sources))
      incidents.push_back({i, std::move(joined[i])});
  return incidents;
}

}  // namespace panicscan::app
