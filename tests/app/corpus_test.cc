// Reads every real report of the corpus named by PANICSCAN_CORPUS, in place, and prints what came
// of it. The reports are other people's and not part of this repository; without them the test
// says so and passes.

#include <cstdio>
#include <iostream>
#include <map>
#include <set>

#include "app/support.h"
#include "base/text.h"
#include "base/uuid.h"
#include "catch.h"
#include "model/validate.h"

using namespace panicscan;
using namespace panicscan::testing;

namespace {

/// The panics of the corpus, or nothing (said loudly) when there is none.
std::vector<fs::path> corpus_panics() {
  const char* corpus = std::getenv("PANICSCAN_CORPUS");
  auto reports =
      corpus == nullptr ? std::vector<fs::path>{} : reports_below(fs::path(corpus) / "panics");
  if (reports.empty())
    std::cout << "SKIPPED corpus: PANICSCAN_CORPUS names no folder with panics\n";
  return reports;
}

std::map<std::string, std::string> expected_rules() {
  std::map<std::string, std::string> rules;
  std::istringstream lines(read_file(fs::path(PANICSCAN_ROOT) / "tests/app/corpus_expected.tsv"));
  for (std::string line; std::getline(lines, line);) {
    const auto tab = line.find('\t');
    if (line.starts_with('#') || tab == std::string::npos) continue;
    rules[line.substr(0, tab)] = line.substr(tab + 1);
  }
  return rules;
}

/// Looks for `label` and reads the number behind it, in any of the ways a file can spell it.
std::vector<std::uint64_t> hex_values_behind(const std::string& text, std::string_view label) {
  std::vector<std::uint64_t> values;
  for (auto at = text.find(label); at != std::string::npos; at = text.find(label, at + 1)) {
    std::string_view rest = std::string_view(text).substr(at + label.size());
    while (!rest.empty() && (is_space(rest.front()) || rest.front() == ':')) rest.remove_prefix(1);
    if (const auto value = consume_hex(rest)) values.push_back(*value);
  }
  return values;
}

std::vector<Uuid> uuids_behind(const std::string& text, std::string_view label) {
  std::vector<Uuid> values;
  for (auto at = text.find(label); at != std::string::npos; at = text.find(label, at + 1)) {
    std::string_view rest = std::string_view(text).substr(at + label.size());
    while (!rest.empty() && (is_space(rest.front()) || rest.front() == ':')) rest.remove_prefix(1);
    const auto end = rest.find_first_not_of("0123456789abcdefABCDEF-");
    if (const auto uuid = parse_uuid(rest.substr(0, end))) values.push_back(*uuid);
  }
  return values;
}

}  // namespace

TEST_CASE("every panic of the corpus is read, printed, and diagnosed as labelled") {
  const auto expected = expected_rules();
  std::size_t unknown_lines = 0, right = 0, wrong_confirmed = 0, files = 0;
  for (const fs::path& path : corpus_panics()) {
    const std::string name = path.filename().string();
    const std::string text = read_file(path);
    const auto examined = examine_text(text, name);
    INFO(name);
    REQUIRE(examined.has_value());
    ++files;
    CHECK(validate(examined->report) == std::vector<std::string>{});
    CHECK_FALSE(rendered(*examined, "json").empty());
    CHECK_FALSE(rendered(*examined, "text").empty());

    const Finding* first = examined->findings.empty() ? nullptr : &examined->findings.front();
    REQUIRE(first != nullptr);
    const auto label = expected.find(name);
    const std::string want = label == expected.end() ? "?" : label->second;
    const bool is_right = want == "-" ? first->is_fallback || first->severity != Severity::critical
                                      : first->rule == want;
    right += is_right;
    wrong_confirmed += !is_right && first->certainty == Certainty::confirmed;
    const auto& notes = examined->report.notes;
    const auto unknown =
        static_cast<std::size_t>(std::count_if(notes.begin(), notes.end(), [](const Note& n) {
          return n.kind == NoteKind::unknown_line;
        }));
    unknown_lines += unknown;
    std::printf("%-5s %-60s %-42s %3d %2zu unknown lines\n", is_right ? "ok" : "WRONG",
                name.c_str(), first->rule.c_str(), first->points, unknown);
    for (const Note& note : notes)
      if (note.kind == NoteKind::unknown_line)
        std::printf(
            "        unknown: %s\n",
            render::printable(bytes_at(examined->report, note.where).substr(0, 100)).c_str());
    CHECK(want != "?");
    CHECK(is_right);
  }
  std::printf(
      "corpus: %zu panics, %zu diagnosed as labelled, %zu wrongly confirmed, %zu unknown lines\n",
      files, right, wrong_confirmed, unknown_lines);
  CHECK(wrong_confirmed == 0);
  CHECK(unknown_lines <= 2 * files);
}

TEST_CASE("what a corpus panic says of kernel, slides and system is in the report") {
  for (const fs::path& path : corpus_panics()) {
    const std::string text = read_file(path);
    const auto examined = examine_text(text, path.filename().string());
    REQUIRE(examined.has_value());
    const Report& report = examined->report;
    INFO(path.filename().string());
    if (!report.panic) continue;
    const KernelLayout& layout = report.panic->layout;

    const auto one_of = [](const auto& values, const auto& value) {
      return std::find(values.begin(), values.end(), value) != values.end();
    };
    if (const auto slides = hex_values_behind(text, "Kernel slide:"); !slides.empty()) {
      REQUIRE(layout.kernel_slide);
      CHECK(one_of(slides, layout.kernel_slide->value.value));
    }
    if (const auto slides = hex_values_behind(text, "KernelCache slide:"); !slides.empty()) {
      REQUIRE(layout.kernelcache_slide);
      CHECK(one_of(slides, layout.kernelcache_slide->value.value));
    }
    if (const auto bases = hex_values_behind(text, "Kernel text exec base:"); !bases.empty()) {
      REQUIRE(layout.text_exec_base);
      CHECK(one_of(bases, layout.text_exec_base->value.value));
    }
    if (const auto uuids = uuids_behind(text, "Kernel UUID:"); !uuids.empty()) {
      REQUIRE(report.machine.kernel_uuid);
      CHECK(one_of(uuids, report.machine.kernel_uuid->value));
    }
    if (const auto callers = hex_values_behind(text, " caller"); !callers.empty()) {
      REQUIRE(report.panic->caller);
      CHECK(one_of(callers, report.panic->caller->value.value));
    }
  }
}

TEST_CASE("every crash report of the corpus is read and printed") {
  const char* corpus = std::getenv("PANICSCAN_CORPUS");
  const auto reports =
      corpus == nullptr ? std::vector<fs::path>{} : reports_below(fs::path(corpus) / "crashes");
  if (reports.empty()) std::cout << "SKIPPED corpus: PANICSCAN_CORPUS names no crash reports\n";
  for (const fs::path& path : reports) {
    const std::string name = path.filename().string();
    INFO(name);
    const auto examined = examine_text(read_file(path), name);
    REQUIRE(examined);
    const Report& report = examined->report;
    CHECK(validate(report) == std::vector<std::string>{});
    // One is no crash report: stacks sampled over time.
    CHECK(report.crash.has_value() == (report.format != "sampled-text"));
    // One report ends behind its head.
    CHECK(!report.threads.empty() == (name != "sentry-acrp-xcode16.txt"));
    CHECK_FALSE(rendered(*examined, "json").empty());
    CHECK_FALSE(rendered(*examined, "text", {.full = true}).empty());
    for (const Finding& finding : examined->findings) CHECK(finding.rule == "");
  }
}
