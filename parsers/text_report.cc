#include "parsers/text_report.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "parsers/crash_text.h"
#include "parsers/normalise.h"
#include "parsers/panic_text.h"
#include "parsers/paste.h"
#include "parsers/sampled_text.h"

namespace panicscan::parsers {
namespace {

constexpr int kLooksLikeCrash = 50;

/// Other reports have the first two as well.
constexpr std::size_t kCommonSections = 2;
constexpr std::array<std::string_view, 9> kCrashSections{
    "Incident Identifier:", "CrashReporter Key:", "Process:",
    "Exception Type:",      "Exception Codes:",   "Triggered by Thread:",
    "Crashed Thread:",      "Code Type:",         "Binary Images:"};

/// Undoes what a web page does to characters: "&lt;" in front of an image's UUID. Of the other
/// repairs none is safe here, since they know the lines of panics.
std::uint32_t without_entities(std::uint32_t document, ReportBuilder& out) {
  const std::string_view text = out.text(document);
  if (text.find("&lt;") == std::string_view::npos) return document;
  auto repaired = undo_html(text, document);
  if (!repaired) return document;
  out.note(NoteKind::repaired, "HTML entities and tags were taken out",
           {document, 0, static_cast<std::uint32_t>(text.size())});
  return out.add_document(*std::move(repaired));
}

}  // namespace

int score_crash_text(std::string_view text) {
  if (looks_like_sampling(text)) return 0;
  constexpr int kPointsOfSection = 25, kMaxLines = 5000, kMaxScore = 100;
  std::array<bool, kCrashSections.size()> seen{};
  LineReader lines(text);
  int left = kMaxLines;
  for (auto line = lines.next(); line && left-- > 0; line = lines.next())
    for (std::size_t i = 0; i < kCrashSections.size(); ++i)
      seen[i] = seen[i] || trim(line->text).starts_with(kCrashSections[i]);
  if (std::none_of(seen.begin() + kCommonSections, seen.end(), [](bool has) { return has; }))
    return 0;
  return std::min(kMaxScore, kPointsOfSection * static_cast<int>(std::ranges::count(seen, true)));
}

std::optional<std::string_view> read_text_report(std::uint32_t document, ReportBuilder& out) {
  if (looks_like_sampling(out.text(document)) &&
      score_panic_text(out.text(document)) < kLooksLikePanic) {
    read_sampled_text(document, out);
    return "sampled-text";
  }
  const int crash = score_crash_text(out.text(document));
  if (crash >= kLooksLikeCrash && crash > score_panic_text(out.text(document))) {
    read_crash_text(without_entities(document, out), out);
    return "crash-text";
  }
  const std::uint32_t cleaned = normalise_paste(document, out);
  const int crash_after = score_crash_text(out.text(cleaned));
  if (crash_after >= kLooksLikeCrash && crash_after > score_panic_text(out.text(cleaned))) {
    read_crash_text(cleaned, out);
    return "crash-text";
  }
  if (score_panic_text(out.text(cleaned)) < kLooksLikePanic) return std::nullopt;
  parse_panic_text(cleaned, out);
  return "panic-text";
}

}  // namespace panicscan::parsers
