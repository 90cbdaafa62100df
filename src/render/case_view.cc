#include "render/case_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace panicscan::render {
namespace {

struct SectionRow {
  std::string_view fact, section;
};
/// Which facts are the mechanism, and under which name they are shown.
constexpr std::array kSections{
    SectionRow{"power.setpowerstate", "POWER"},
    SectionRow{"sleepwake.timeout", "POWER"},
    SectionRow{"iokit.busy", "BUSY"},
    SectionRow{"iokit.busy_entry", "BUSY"},
    SectionRow{"iokit.busy_thread", "BUSY"},
    SectionRow{"device.busy", "BUSY"},
    SectionRow{"device.busy_entry", "BUSY"},
    SectionRow{"dart.error", "FAULT"},
    SectionRow{"device.dart_stream", "FAULT"},
    SectionRow{"dart.mapping", "FAULT"},
    SectionRow{"device.dext", "DRIVERS"},
    SectionRow{"sptm.violation", "FAULT"},
    SectionRow{"arm.exception", "FAULT"},
    SectionRow{"x86.trap", "FAULT"},
    SectionRow{"memory.zone", "MEMORY"},
    SectionRow{"pcie.port", "PCIE"},
    SectionRow{"pcie.path", "PCIE"},
    SectionRow{"watchdog.kernel", "WATCHDOG"},
    SectionRow{"watchdog.userspace", "WATCHDOG"},
    SectionRow{"watchdog.service", "WATCHDOG"},
    SectionRow{"panic.coprocessor", "FIRMWARE"},
    SectionRow{"reset.forced", "RESET"},
    SectionRow{"panic.nested", "NESTED"},
    SectionRow{"crash.exception", "FAULT"},
    SectionRow{"crash.assertion", "CHECK"},
};

}  // namespace

const Finding* leading_finding(const Case& subject) {
  const auto found = std::ranges::find_if(
      subject.findings, [](const Finding& f) { return f.superseded_by.empty() && !f.is_fallback; });
  return found == subject.findings.end() ? nullptr : &*found;
}

const Finding* fallback_finding(const Case& subject) {
  if (leading_finding(subject) != nullptr) return nullptr;
  const auto found = std::ranges::find_if(
      subject.findings, [](const Finding& f) { return f.superseded_by.empty() && f.is_fallback; });
  return found == subject.findings.end() ? nullptr : &*found;
}

const Finding* main_finding(const Case& subject) {
  const Finding* leading = leading_finding(subject);
  return leading != nullptr ? leading : fallback_finding(subject);
}

std::string file_name(std::string_view path) {
  const auto end = path.find_last_of("/!");
  return std::string(
      end == std::string_view::npos || end + 1 == path.size() ? path : path.substr(end + 1));
}

const Placement* placement_of(const Case& subject, std::uint32_t frame) {
  return frame < subject.placements.size() ? &subject.placements[frame] : nullptr;
}

bool is_own_frame(const Case& subject, std::uint32_t frame) {
  const Placement* place = placement_of(subject, frame);
  return place != nullptr && subject.owners.is_own(place->image);
}

std::string text_of(const Fact* fact, std::string_view field) {
  const Value* value = fact == nullptr ? nullptr : fact->find(field);
  return value == nullptr ? std::string() : format(*value);
}

std::vector<MechanismFact> mechanism_facts(const Facts& facts) {
  std::vector<MechanismFact> found;
  for (const Fact& fact : facts.all) {
    const auto row = std::ranges::find(kSections, fact.schema->name, &SectionRow::fact);
    if (row != kSections.end()) found.push_back({row->section, &fact});
  }
  // What belongs to one section stands together, where the first of it stands.
  const auto first_of = [&, facts_found = found](const MechanismFact& fact) {
    return std::ranges::find(facts_found, fact.section, &MechanismFact::section) -
           facts_found.begin();
  };
  std::ranges::stable_sort(found, {}, first_of);
  return found;
}

std::vector<Decoded> rows_of(const Fact& fact) {
  if (!fact.decoded.empty()) return fact.decoded;
  std::vector<Decoded> rows;
  for (std::size_t i = 0; i < fact.values.size(); ++i) {
    if (!fact.values[i]) continue;
    const FactField& field = fact.schema->fields[i];
    rows.push_back({std::string(field.name), format(*fact.values[i]), std::string(field.meaning)});
  }
  return rows;
}

std::optional<std::string> utc(const EpochTime& time) {
  using namespace std::chrono;
  constexpr std::uint64_t kYear9999 = 253'402'300'799;
  if ((time.seconds == 0 && time.microseconds == 0) || time.seconds > kYear9999)
    return std::nullopt;
  const sys_seconds at{seconds{static_cast<std::int64_t>(time.seconds)}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string duration(std::uint64_t milliseconds) {
  const std::uint64_t s = milliseconds / 1000, min = s / 60, h = min / 60, d = h / 24;
  if (d > 0) return fmt::format("{} d {} h", d, h % 24);
  if (h > 0) return fmt::format("{} h {} min", h, min % 60);
  if (min > 0) return fmt::format("{} min {} s", min, s % 60);
  if (milliseconds % 1000 == 0) return fmt::format("{} s", s);
  return fmt::format("{}.{} s", s, milliseconds % 1000 / 100);
}

}  // namespace panicscan::render
