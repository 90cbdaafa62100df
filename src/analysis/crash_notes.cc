#include <algorithm>
#include <array>

#include "analysis/analysis.h"
#include "analysis/message.h"
#include "base/text.h"

// What libraries left to be read: the line that says why a process ended itself.
//   Assertion failed: (size > 0), function fill, file queue.cpp, line 12.
//   /path/__vector/vector.h:406: libc++ Hardening assertion __n < size() failed: vector[] index …
//   BUG IN CLIENT OF LIBDISPATCH: dispatch_sync called on queue already owned by current thread
// Source: Libc gen/assert.c; libc++ __assert and its verbose abort (the word "Hardening" since
// LLVM 19); libdispatch src/shims/… DISPATCH_CLIENT_CRASH as reports show it.

namespace panicscan::analysis {
namespace {

constexpr FactField kNoteFields[] = {
    {"text", ValueType::text, "one line"},
    {"library", ValueType::text, "which library left it, when the report says"},
};
constexpr FactSchema kNote{"crash.note", "A line that a library of the process left to be read.",
                           kNoteFields};

constexpr FactField kAssertionFields[] = {
    {"kind", ValueType::text, "assert (of C) or hardening (a check of libc++)"},
    {"expression", ValueType::text, "what should have been true, without its brackets"},
    {"function", ValueType::text, "the function that checked it"},
    {"file", ValueType::text, "base name of its file"},
    {"line", ValueType::number, "its line"},
    {"says", ValueType::text, "the sentence behind it, which libc++ adds"},
    {"runtime", ValueType::boolean,
     "whether it is a check of the DriverKit runtime, not of the driver's own code"},
};
constexpr FactSchema kAssertion{"crash.assertion", "A check that failed and ended the process.",
                                kAssertionFields};
constexpr const FactSchema* kSchemas[] = {&kNote, &kAssertion};

constexpr std::size_t kMostNotes = 64;

/// Files of the DriverKit runtime, as its assertions name them.
constexpr std::array<std::string_view, 4> kRuntimeFiles{"uioserver.cpp", "OSCollections.cpp",
                                                        "OSMetaClassBasePrivate.h",
                                                        "IODataQueueDispatchSourceShared.h"};

std::string base_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

struct Assertion {
  std::string_view kind;
  std::string expression, function, file, says;
  std::optional<std::uint64_t> line;
};

/// "Assertion failed: (EXPRESSION), function NAME, file PATH, line 12." The expression holds
/// brackets and commas itself, so that the end is looked for from behind.
std::optional<Assertion> read_assert(std::string_view text) {
  if (!skip_past(text, "Assertion failed: (")) return std::nullopt;
  constexpr std::string_view kFunction = "), function ", kFile = ", file ", kLine = ", line ";
  const std::size_t function = text.rfind(kFunction);
  if (function == std::string_view::npos) return std::nullopt;
  Assertion found{"assert", std::string(text.substr(0, function)), {}, {}, {}, {}};
  std::string_view rest = text.substr(function + kFunction.size());
  const std::size_t file = rest.find(kFile);
  found.function = std::string(rest.substr(0, file));
  if (file == std::string_view::npos) return found;
  rest = rest.substr(file + kFile.size());
  const std::size_t line = rest.rfind(kLine);
  found.file = base_name(rest.substr(0, line));
  if (line == std::string_view::npos) return found;
  rest = rest.substr(line + kLine.size());
  found.line = consume_decimal(rest);
  return found;
}

/// "PATH:12: libc++ Hardening assertion EXPRESSION failed: SENTENCE"; older without "libc++
/// Hardening".
std::optional<Assertion> read_hardening(std::string_view text) {
  constexpr std::string_view kFailed = " failed: ";
  std::size_t at = std::string_view::npos, behind = 0;
  for (const std::string_view mark : {": libc++ Hardening assertion ", ": assertion "})
    if (at == std::string_view::npos && (at = text.find(mark)) != std::string_view::npos)
      behind = at + mark.size();
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view place = text.substr(0, at);
  const std::size_t colon = place.rfind(':');
  const std::size_t failed = text.find(kFailed, behind);
  if (colon == std::string_view::npos || failed == std::string_view::npos) return std::nullopt;
  const auto line = parse_number(place.substr(colon + 1));
  if (!line) return std::nullopt;
  return Assertion{"hardening",
                   std::string(text.substr(behind, failed - behind)),
                   {},
                   base_name(place.substr(0, colon)),
                   std::string(trim(text.substr(failed + kFailed.size()))),
                   line};
}

Fact fact_of(const Assertion& found) {
  Fact fact(kAssertion);
  const auto set = [&](std::string_view field, const std::string& text) {
    if (!text.empty()) fact.set(field, Value::text(text));
  };
  fact.set("kind", Value::text(std::string(found.kind)));
  set("expression", found.expression);
  set("function", found.function);
  set("file", found.file);
  set("says", found.says);
  if (found.line) fact.set("line", Value::number(*found.line));
  const bool is_runtime = std::ranges::find(kRuntimeFiles, found.file) != kRuntimeFiles.end();
  fact.set("runtime", Value::boolean(is_runtime));
  fact.decoded.push_back({"check", found.expression, "had to be true, and was not"});
  return fact;
}

void run(const Input& input, Facts& facts) {
  if (!input.report.crash) return;
  std::size_t kept = 0;
  bool has_assertion = false;
  for (const ApplicationNote& note : input.report.crash->notes) {
    LineReader lines(note.text.value);
    while (const auto line = lines.next()) {
      const std::string_view text = trim(line->text);
      if (text.empty() || kept == kMostNotes) continue;
      ++kept;
      const SourceRef whole = note.text.where;
      const bool is_exact = whole.known() && whole.length == note.text.value.size();
      const SourceRef where = is_exact ? SourceRef{whole.document, whole.offset + line->offset,
                                                   static_cast<std::uint32_t>(line->text.size())}
                                       : whole;
      Fact fact(kNote);
      fact.set("text", Value::text(std::string(text)));
      if (!note.library.empty()) fact.set("library", Value::text(note.library));
      fact.because.push_back(
          {"a library left the words \"" + std::string(text) + "\"", where, {}, {}});
      facts.all.push_back(std::move(fact));
      auto assertion = read_assert(text);
      if (!assertion) assertion = read_hardening(text);
      if (!assertion || has_assertion) continue;
      has_assertion = true;
      Fact check = fact_of(*assertion);
      check.because.push_back({"the process ended itself: a check failed", where, {}, {}});
      facts.all.push_back(std::move(check));
    }
  }
}

}  // namespace

constinit const Analysis kCrashNotes{"crash_notes", kSchemas, run};

}  // namespace panicscan::analysis
