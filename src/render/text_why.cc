// WHY, FIX and ALSO POSSIBLE: the argument, the way out, and the rivals.

#include <algorithm>

#include "model/names.h"
#include "render/text_sections.h"

namespace panicscan::render {
namespace {

/// One reason: points, words, place in the report.
void write_reason(const Story& story, Role role, const Reason& reason) {
  TerminalText text = escape(reason.says);
  const TerminalText place = story.locator.say(reason.where, reason.companion);
  if (!place.empty()) text += story.page.paint()(Role::quiet, say(" ({})", place));
  const TerminalText points = pad_left(
      reason.points == 0 ? say("?") : say("{}{}", reason.points > 0 ? "+" : "", reason.points), 4);
  story.page.item(story.page.paint()(role, points), 6, text, 2);
}

void write_reasons(const Story& story, const TerminalText& heading, Role role,
                   const std::vector<Reason>& reasons) {
  if (reasons.empty()) return;
  story.page.line(heading);
  for (const Reason& reason : reasons) write_reason(story, role, reason);
}

void write_argument(const Story& story, const Finding& finding) {
  std::vector<Reason> in_favour = finding.matched;
  in_favour.insert(in_favour.end(), finding.in_favour.begin(), finding.in_favour.end());
  write_reasons(story, say("for"), Role::good, in_favour);
  if (finding.against.empty()) story.page.line(say("against: nothing in this report"));
  write_reasons(story, say("against"), Role::bad, finding.against);
  write_reasons(story, say("would settle it"), Role::caution, finding.settle);
}

void write_advice(const Story& story, const std::vector<std::string>& fixes, std::size_t indent) {
  for (const std::string& fix : fixes) story.page.item(say("->"), 3, escape(fix), indent);
}

}  // namespace

void write_why(const Story& story) {
  const Finding* finding = main_finding(story.subject);
  if (finding == nullptr) return;
  story.page.section("WHY");
  write_argument(story, *finding);
}

void write_fix(const Story& story) {
  Page& page = story.page;
  const Finding* finding = main_finding(story.subject);
  if (finding == nullptr) return;
  page.section("FIX");
  std::size_t number = 0;
  for (const Cause& cause : finding->causes) {
    TerminalText text = escape(cause.text);
    if (!cause.likelihood.empty())
      text += page.paint()(Role::strong, say(" [{}]", cause.likelihood));
    page.item(say("{}.", ++number), 3, text);
    if (!cause.distinguish.empty()) page.item(say("tell by:"), 9, escape(cause.distinguish), 3);
    write_advice(story, cause.fix, 3);
  }
  if (!finding->fix.empty() && number > 0) page.line(say("whatever the cause"));
  write_advice(story, finding->fix, number > 0 ? 3 : 0);
  TerminalText rule = say("rule {}", finding->rule);
  if (!finding->status.empty() && finding->status != "stable")
    rule += say(" ({})", finding->status);
  page.paragraph(page.paint()(Role::quiet, rule + say(": panicscan explain {}", finding->rule)));
  if (story.options.full)
    for (const std::string& reference : finding->references)
      page.item(say("see"), 4, escape(reference));
}

void write_rivals(const Story& story) {
  Page& page = story.page;
  const Finding* leading = leading_finding(story.subject);
  page.section("ALSO POSSIBLE");
  for (const Finding& finding : story.subject.findings) {
    if (&finding == leading || finding.is_fallback || !finding.superseded_by.empty()) continue;
    page.item(say("-"), 2,
              escape(finding.title) +
                  say(" · {} ({} points) ", to_string(finding.certainty), finding.points) +
                  page.paint()(Role::quiet, say("[{}]", finding.rule)));
    if (!finding.against.empty())
      for (const Reason& reason : finding.against)
        page.item(say("against:"), 9, escape(reason.says), 2);
    if (story.options.full) {
      page.paragraph(escape(finding.summary), 2);
      write_argument(story, finding);
    }
  }
  for (const Finding& finding : story.subject.findings) {
    if (finding.superseded_by.empty() || finding.is_fallback) continue;
    page.item(say("-"), 2,
              page.paint()(Role::quiet, say("{} [{}]: explained by {}", finding.title, finding.rule,
                                            finding.superseded_by)));
  }
}

}  // namespace panicscan::render
