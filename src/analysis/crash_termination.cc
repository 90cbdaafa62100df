#include <algorithm>
#include <array>

#include "analysis/analysis.h"
#include "base/text.h"

// Who ended a process and why: a namespace, a code whose meaning depends on it, and words.
//   Namespace CODESIGNING, Code 2 Invalid Page
// Source: xnu bsd/sys/reason.h (OS_REASON_*, the code signing and jetsam reasons); dyld
// include/mach-o/dyld_priv.h (DYLD_EXIT_REASON_*); Apple, "Understanding the exception types in a
// crash report", for the codes of the watchdogs.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"namespace", ValueType::text, "SIGNAL, CODESIGNING, DYLD, JETSAM, WATCHDOG, LIBSYSTEM…"},
    {"code", ValueType::hex, "its meaning depends on the namespace"},
    {"meaning", ValueType::text, "of the code, when it is known"},
    {"indicator", ValueType::text, "the words of the report: \"Abort trap: 6\""},
    {"by", ValueType::text, "the process that did it"},
    {"reasons", ValueType::list, "lines that say why"},
    {"details", ValueType::list, "further lines"},
};
constexpr FactSchema kSchema{"crash.termination", "Who ended a process, and for what reason.",
                             kFields};
constexpr const FactSchema* kSchemas[] = {&kSchema};

struct CodeWords {
  std::string_view name_space;
  std::uint64_t code;
  std::string_view meaning;
};
constexpr std::array kCodes{
    CodeWords{"CODESIGNING", 1, "the signature, or the profile behind it, was refused at launch"},
    CodeWords{"CODESIGNING", 2, "a page of code does not match the signature"},
    CodeWords{"CODESIGNING", 3, "the process asked for a task port that its signature forbids"},
    CodeWords{"CODESIGNING", 4, "a launch constraint forbids this way of starting it"},
    CodeWords{"DYLD", 1, "a library is missing"},
    CodeWords{"DYLD", 2, "a library is for another architecture"},
    CodeWords{"DYLD", 3, "a library is too old"},
    CodeWords{"DYLD", 4, "a symbol is missing"},
    CodeWords{"DYLD", 5, "the signature of a library was refused"},
    CodeWords{"DYLD", 6, "the sandbox forbids reading a library"},
    CodeWords{"DYLD", 7, "a Mach-O file is malformed"},
    CodeWords{"JETSAM", 1, "memory pressure"},
    CodeWords{"JETSAM", 2, "it was above its soft limit of memory"},
    CodeWords{"JETSAM", 4, "the system ran out of pages"},
    CodeWords{"JETSAM", 7, "it exceeded its own limit of memory"},
    CodeWords{"JETSAM", 9, "it was idle, and its memory was wanted"},
    CodeWords{"JETSAM", 100, "it exceeded its limit of processor time"},
    CodeWords{"", 0x8badf00d, "a watchdog: it did not start, stop or answer in time"},
    CodeWords{"", 0xdead10cc, "it held a file or database lock while being suspended"},
    CodeWords{"", 0xc00010ff, "the machine was too hot"},
    CodeWords{"", 0xdeadfa11, "the user forced it to quit"},
    CodeWords{"", 0xbaadca11, "it did not report a call that it had been woken for"},
};

std::string_view meaning_of(const Termination& termination) {
  if (!termination.code) return {};
  const auto row = std::ranges::find_if(kCodes, [&](const CodeWords& words) {
    return words.code == *termination.code &&
           (words.name_space.empty() || words.name_space == termination.name_space);
  });
  return row == kCodes.end() ? std::string_view() : row->meaning;
}

void run(const Input& input, Facts& facts) {
  if (!input.report.crash || !input.report.crash->termination) return;
  const Termination& termination = *input.report.crash->termination;
  Fact fact(kSchema);
  const auto set = [&](std::string_view field, const std::string& text) {
    if (!text.empty()) fact.set(field, Value::text(text));
  };
  const std::string meaning(meaning_of(termination));
  set("namespace", termination.name_space);
  if (termination.code) fact.set("code", Value::hex(*termination.code));
  set("meaning", meaning);
  set("indicator", termination.indicator);
  set("by", termination.by_process);
  if (!termination.reasons.empty()) fact.set("reasons", Value::list(termination.reasons));
  if (!termination.details.empty()) fact.set("details", Value::list(termination.details));
  if (!meaning.empty())
    fact.decoded.push_back(
        {"termination", termination.name_space + " " + hex(*termination.code), meaning});
  fact.because.push_back(
      {"the process was ended" +
           (termination.name_space.empty() ? "" : " by " + termination.name_space),
       termination.where,
       {},
       {}});
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kCrashTermination{"crash_termination", kSchemas, run};

}  // namespace panicscan::analysis
