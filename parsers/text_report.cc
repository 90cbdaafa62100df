#include "parsers/text_report.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "parsers/normalise.h"
#include "parsers/panic_text.h"

namespace panicscan::parsers {
namespace {

constexpr int kLooksLikeCrash = 50;

constexpr std::array<std::string_view, 9> kCrashSections{
    "Incident Identifier:", "Process:",         "CrashReporter Key:",
    "Exception Type:",      "Exception Codes:", "Triggered by Thread:",
    "Crashed Thread:",      "Code Type:",       "Binary Images:"};

/// A name in front of a colon that a section line of a crash report may have.
bool is_section_name(std::string_view name) {
  constexpr std::size_t kLongestName = 40;
  if (name.empty() || name.size() > kLongestName || name.front() < 'A' || name.front() > 'Z')
    return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '/' || c == '-';
  });
}

}  // namespace

int score_crash_text(std::string_view text) {
  constexpr int kPointsOfSection = 25, kMaxLines = 5000, kMaxScore = 100;
  std::array<bool, kCrashSections.size()> seen{};
  LineReader lines(text);
  int left = kMaxLines;
  for (auto line = lines.next(); line && left-- > 0; line = lines.next())
    for (std::size_t i = 0; i < kCrashSections.size(); ++i)
      seen[i] = seen[i] || line->text.starts_with(kCrashSections[i]);
  return std::min(kMaxScore, kPointsOfSection * static_cast<int>(std::ranges::count(seen, true)));
}

void read_crash_text(std::uint32_t document, ReportBuilder& out) {
  out.report().kind = ReportKind::crash;
  LineReader lines(out.text(document));
  while (const auto line = lines.next()) {
    if (line->text.starts_with("Thread 0") || line->text.starts_with("Binary Images:")) break;
    const auto colon = line->text.find(':');
    if (colon == std::string_view::npos || !is_section_name(line->text.substr(0, colon))) continue;
    out.add_field(std::string(line->text.substr(0, colon)),
                  std::string(trim(line->text.substr(colon + 1))),
                  {document, line->offset, static_cast<std::uint32_t>(line->text.size())});
  }
}

std::optional<std::string_view> read_text_report(std::uint32_t document, ReportBuilder& out) {
  const int crash = score_crash_text(out.text(document));
  if (crash >= kLooksLikeCrash && crash > score_panic_text(out.text(document))) {
    read_crash_text(document, out);
    return "crash-text";
  }
  const std::uint32_t cleaned = normalise_paste(document, out);
  if (score_panic_text(out.text(cleaned)) < kLooksLikePanic) return std::nullopt;
  parse_panic_text(cleaned, out);
  return "panic-text";
}

}  // namespace panicscan::parsers
