#include "analysis/culprit_waits.h"

#include <algorithm>
#include <array>

#include "model/vendor.h"

// A panic of a watchdog, of the busy registry or of power management is delivered by somebody who
// only lost patience. Who made him wait stands in the wait-for graph.

namespace panicscan::analysis {
namespace {

/// Facts of panics that happened because something did not end in time.
constexpr std::array<std::string_view, 5> kPatience{"iokit.busy", "sleepwake.timeout",
                                                    "power.setpowerstate", "watchdog.kernel",
                                                    "watchdog.userspace"};

bool is_about_waiting(const Facts& facts) {
  if (facts.find("panic.class") == nullptr) return true;
  return std::ranges::any_of(kPatience,
                             [&](std::string_view name) { return facts.find(name) != nullptr; });
}

std::string text(const Fact& fact, std::string_view field) {
  const Value* value = fact.find(field);
  return value == nullptr ? std::string() : format(*value);
}

/// Which facts name who holds up the others, the strongest first.
struct Row {
  std::string_view fact;
  std::string_view bundle;        ///< the field that names the driver extension
  std::string_view is_foreign;    ///< a field that must have…
  std::string_view foreign_word;  ///< …this value
  std::string_view says;
};
constexpr std::array kRows{
    Row{"wait.cycle", "dext", "dext_vendor", "third_party",
        "its threads are part of a ring of waits that can never be resolved"},
    Row{"dext.call", "dext", "dext_vendor", "third_party",
        "the kernel called it and still waits for the answer"},
    Row{"iokit.busy_thread", "process", "dext", "yes",
        "one of its threads works for a service that keeps the I/O registry busy"},
};

/// A call whose driver extension is named by exclusion only accuses nobody.
bool is_guess(const Fact& fact) {
  return fact.schema->name == "dext.call" && text(fact, "sureness") == "weak";
}

Culprit blame(const Fact& fact, const Row& row) {
  Culprit culprit;
  culprit.image = culprit.bundle = text(fact, row.bundle);
  culprit.verdict = is_apple(culprit.bundle) ? Verdict::apple : Verdict::third_party;
  culprit.because.push_back({std::string(row.says), {}, {}, {}});
  for (const Evidence& evidence : fact.because) {
    culprit.because.push_back(evidence);
    const bool is_its_own = evidence.says.find(culprit.bundle) != std::string::npos;
    if (!culprit.frame && is_its_own && evidence.frame) culprit.frame = evidence.frame;
    if (!culprit.thread && is_its_own && evidence.thread) culprit.thread = evidence.thread;
  }
  culprit.because.front().where = culprit.because.back().where;
  return culprit;
}

}  // namespace

std::optional<Culprit> culprit_of_waits(const Facts& facts, const Ownership& owners) {
  if (!is_about_waiting(facts)) return std::nullopt;
  for (const Row& row : kRows) {
    const Fact* accused = nullptr;
    for (const Fact& fact : facts.all) {
      if (fact.schema->name != row.fact || is_guess(fact)) continue;
      // Of several that the same evidence points at, one's own code comes first.
      const bool is_own = owners.is_own(text(fact, row.bundle));
      if (accused == nullptr && (is_own || text(fact, row.is_foreign) == row.foreign_word))
        accused = &fact;
      if (!is_own) continue;
      accused = &fact;
      break;
    }
    if (accused != nullptr) return blame(*accused, row);
  }
  return std::nullopt;
}

}  // namespace panicscan::analysis
