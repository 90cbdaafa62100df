#include "analysis/analysis.h"

#include <algorithm>
#include <array>

#include "model/names.h"

// What is missing matters as much as what is there: a rule that finds no blocked thread must know
// whether there was a stackshot to look in.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"state", ValueType::text, "complete, truncated, damaged or repaired"},
    {"reasons", ValueType::list, "why it is not complete"},
};
constexpr FactSchema kSchema{"report.integrity", "How completely the input could be read.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

constexpr std::size_t kMostReasons = 20;

/// Collects reasons; the worst of them decides the state.
class Completeness {
 public:
  void add(IntegrityState state, std::string reason, SourceRef where) {
    state_ = std::max(state_, state,
                      [](IntegrityState a, IntegrityState b) { return rank(a) < rank(b); });
    if (std::ranges::find(reasons_, reason) != reasons_.end()) return;
    if (reasons_.size() == kMostReasons) return;
    because_.push_back({reason, where, {}, {}});
    reasons_.push_back(std::move(reason));
  }
  IntegrityState state() const { return state_; }
  const std::vector<std::string>& reasons() const { return reasons_; }
  const std::vector<Evidence>& because() const { return because_; }

 private:
  static constexpr int rank(IntegrityState state) {
    switch (state) {
      case IntegrityState::complete:
        return 0;
      case IntegrityState::repaired:
        return 1;
      case IntegrityState::truncated:
        return 2;
      case IntegrityState::damaged:
        return 3;
    }
    return 0;
  }

  IntegrityState state_ = IntegrityState::complete;
  std::vector<std::string> reasons_;
  std::vector<Evidence> because_;
};

/// What the kernel or its reader writes when the stackshot did not come about.
/// Source: xnu osfmk/kern/debug.c, osfmk/arm/model_dep.c, osfmk/i386/AT386/model_dep.c.
struct Remark {
  std::string_view text, reason;
};
constexpr std::array kStackshotRemarks{
    Remark{"Stackshot Incomplete", "the stackshot ran out of space and was erased"},
    Remark{"Panic Stackshot (Incomplete", "the stackshot is incomplete"},
    Remark{"Stackshot Failed", "taking the stackshot failed"},
    Remark{"Panic Stackshot (Failed", "taking the stackshot failed"},
    Remark{"no stackshot !!", "there is no stackshot: a processor did not stop for it"},
    Remark{"skipping panic stackshot", "there is no stackshot: taking it caused another panic"},
};

/// What the reader of Intel reports writes in place of a stackshot. Those kernels take none for
/// most panics, so nothing is missing.
constexpr std::string_view kNoneFound = "no on disk or sleep/wake failure panic stackshot found";

/// The bits of the flag word that say something about the report itself.
struct Flag {
  std::string_view bit, reason;
  IntegrityState state;
};
constexpr std::array kFlags{
    Flag{"paniclog-incoherent", "the log's checksum is wrong", IntegrityState::damaged},
    Flag{"stackshot-failed-sync", "there is no stackshot: a processor did not stop for it",
         IntegrityState::truncated},
    Flag{"stackshot-failed-error", "taking the stackshot failed", IntegrityState::truncated},
    Flag{"stackshot-incomplete", "the stackshot ran out of space and was erased",
         IntegrityState::truncated},
    Flag{"stackshot-failed-nested", "there is no stackshot: taking it caused another panic",
         IntegrityState::truncated},
};

void add_notes(const Report& report, Completeness& found) {
  for (const Note& note : report.notes) {
    if (note.kind == NoteKind::damaged) found.add(IntegrityState::damaged, note.text, note.where);
    if (note.kind == NoteKind::truncated)
      found.add(IntegrityState::truncated, note.text, note.where);
    if (note.kind == NoteKind::repaired) found.add(IntegrityState::repaired, note.text, note.where);
  }
  if (report.truncated) found.add(IntegrityState::truncated, "the input ends early", {});
}

void add_stackshot_remarks(const Report& report, Completeness& found) {
  for (const Field& field : report.fields)
    for (const Remark& remark : kStackshotRemarks)
      if (field.value.find(remark.text) != std::string::npos ||
          field.name.find(remark.text) != std::string::npos)
        found.add(IntegrityState::truncated, std::string(remark.reason), field.where);
}

bool none_was_found(const Report& report) {
  return std::ranges::any_of(report.fields, [](const Field& field) {
    return field.value.find(kNoneFound) != std::string::npos;
  });
}

void add_flags(const Report& report, const Facts& facts, Completeness& found) {
  const bool is_intel = report.panic && report.panic->flags_are_intel;
  const bool expects_none = is_intel && none_was_found(report);
  const Fact* flags = facts.find("panic.flags");
  const Value* bits = flags != nullptr ? flags->find("bits") : nullptr;
  if (bits == nullptr) return;
  const auto& names = std::get<std::vector<std::string>>(bits->data);
  for (const Flag& flag : kFlags)
    if (std::ranges::find(names, flag.bit) != names.end() &&
        !(expects_none && flag.state == IntegrityState::truncated))
      found.add(flag.state, std::string(flag.reason),
                flags->because.empty() ? SourceRef{} : flags->because.front().where);
}

/// Parts that a full report has and this one has not; a message alone is still worth reading.
void add_missing_parts(const Report& report, Fact& fact) {
  const auto missing = [&](bool is_missing, const char* part, const char* meaning) {
    if (is_missing) fact.decoded.push_back({part, "absent", meaning});
  };
  missing(report.threads.empty() && !report.crash, "stackshot",
          none_was_found(report)
              ? "the system found none, as is usual on Intel; what other threads did is "
                "not known"
              : "what other threads did, and who waited for whom, is not known");
  if (report.crash) {
    missing(report.threads.empty(), "threads", "what the process was doing is not known");
    missing(report.images.empty(), "images", "addresses cannot be looked up");
  }
  if (!report.panic) return;
  missing(report.panic->backtraces.empty(), "backtrace",
          "where panic() was called from is not known");
  missing(!report.machine.kernel_version && !report.machine.build, "system version", "");
  const KernelLayout& layout = report.panic->layout;
  missing(!layout.text_exec_base && !layout.kernel_text_base && !layout.kernel_slide, "kernel base",
          "addresses cannot be looked up in the kernel's symbols");
}

void run(const Input& input, Facts& facts) {
  const Report& report = input.report;
  Completeness found;
  add_notes(report, found);
  add_stackshot_remarks(report, found);
  add_flags(report, facts, found);

  Fact fact(kSchema);
  fact.origin = Origin::inferred;
  fact.set("state", Value::text(std::string(to_string(found.state()))));
  fact.set("reasons", Value::list(found.reasons()));
  fact.because = found.because();
  add_missing_parts(report, fact);
  facts.integrity = {found.state(), found.reasons()};
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kIntegrity{"integrity", kSchemas, run};

}  // namespace panicscan::analysis
