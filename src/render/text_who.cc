// WHO: whose code it was, as far as can be told, and who only carried the message.

#include <algorithm>
#include <array>
#include <span>

#include "render/text_sections.h"

namespace panicscan::render {
namespace {

struct VerdictWords {
  Verdict verdict;
  std::string_view words;
  Role role;
};
constexpr std::array kVerdicts{
    VerdictWords{Verdict::own, "your own code", Role::foreign},
    VerdictWords{Verdict::third_party, "third-party code", Role::foreign},
    VerdictWords{Verdict::apple, "Apple's code", Role::strong},
    VerdictWords{Verdict::hardware, "hardware or firmware", Role::strong},
    VerdictWords{Verdict::unknown, "cannot be told from this report", Role::quiet},
};

TerminalText culprit_words(const Painter& paint, const Culprit& culprit) {
  const auto row = std::ranges::find(kVerdicts, culprit.verdict, &VerdictWords::verdict);
  TerminalText words = paint(row->role, escape(row->words));
  const std::string& name = culprit.bundle.empty() ? culprit.image : culprit.bundle;
  if (name.empty()) return words;
  if (culprit.verdict == Verdict::unknown) return words + say("; it points at {}", name);
  words += say(": ") + paint(row->role, escape(name));
  if (!culprit.version.empty()) words += say(" {}", culprit.version);
  if (!culprit.bundle.empty() && !culprit.image.empty() && culprit.image != culprit.bundle)
    words += say(" ({})", culprit.image);
  return words;
}

TerminalText panicked_words(const Panic& panic) {
  TerminalText words;
  if (panic.process_name) words += say("{}", panic.process_name->value);
  if (panic.process) {
    words += words.empty() ? say("process {}", panic.process->value.value)
                           : say(" (pid {})", panic.process->value.value);
  }
  if (panic.thread) {
    if (!words.empty()) words += say(", ");
    words += say("thread {}", panic.thread->value.value);
  }
  if (panic.cpu) {
    if (!words.empty()) words += say(", ");
    words += say("CPU {}", panic.cpu->value);
  }
  return words;
}

}  // namespace

void write_who(const Story& story) {
  Page& page = story.page;
  const Painter& paint = page.paint();
  const Culprit& culprit = story.facts().culprit;
  page.section("WHO");
  const bool is_panic = story.report().panic.has_value();
  if (!is_panic && culprit.verdict == Verdict::unknown && culprit.because.empty()) return;

  page.paragraph(culprit_words(paint, culprit), 0, 2);
  for (const Evidence& reason : culprit.because) {
    TerminalText text = escape(reason.says);
    const TerminalText place = story.locator.say(reason.where);
    if (!place.empty()) text += paint(Role::quiet, say(" ({})", place));
    page.item(say("-"), 2, text);
  }
  if (!is_panic) return;
  const TerminalText panicked = panicked_words(*story.report().panic);
  if (!culprit.messenger.empty()) {
    page.paragraph(say("only the messenger: {}", culprit.messenger) +
                       (panicked.empty() ? TerminalText() : say(" (panicked: {})", panicked)),
                   0, 2);
  } else if (!panicked.empty()) {
    page.paragraph(say("panicked: {}", panicked), 0, 2);
  }
  constexpr std::size_t kShownDexts = 8;
  const auto& dexts = story.report().panic->dexts;
  const std::size_t shown = story.options.full ? dexts.size() : std::min(dexts.size(), kShownDexts);
  for (const Dext& dext : std::span(dexts).first(shown)) {
    TerminalText text = paint(is_apple(dext.bundle_id) ? Role::quiet : Role::foreign,
                              say("dext {}", dext.bundle_id));
    if (!dext.state.empty()) text += say(", {}", dext.state);
    if (!dext.path.empty()) text += say(", {}", dext.path);
    page.paragraph(text, 0, 2);
  }
  if (shown < dexts.size())
    page.line(paint(Role::quiet, say("… {} more; --full shows all", dexts.size() - shown)));
}

}  // namespace panicscan::render
