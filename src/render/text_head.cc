// PANIC and WHAT: the first screen.

#include <algorithm>
#include <array>

#include "model/names.h"
#include "render/report_types.h"
#include "render/text_sections.h"

namespace panicscan::render {
namespace {

struct KindWords {
  ReportKind kind;
  std::string_view label;         ///< of the section
  std::string_view without_rule;  ///< heading when no rule has an explanation
};
constexpr std::array kKinds{
    KindWords{ReportKind::kernel_panic, "PANIC", "no rule explains this panic"},
    KindWords{ReportKind::forced_reset, "RESET", "the machine was reset; no rule explains why"},
    KindWords{ReportKind::stackshot, "STACKSHOT", "threads of a running system; it did not panic"},
    KindWords{ReportKind::crash, "CRASH", "a process crashed; the system did not panic"},
    KindWords{ReportKind::log, "LOG", "an excerpt of the system log"},
    KindWords{ReportKind::device_tree, "IOREG", "the I/O registry of a running system"},
    KindWords{ReportKind::other, "REPORT", "a report of a kind that is not diagnosed"},
};

const KindWords& words_of(ReportKind kind) {
  return *std::ranges::find(kKinds, kind, &KindWords::kind);
}

struct ClassWords {
  std::string_view name, words;
};
/// Classes of fact panic.class that deserve better than their own name.
constexpr std::array kClasses{
    ClassWords{"setpowerstate-timeout", "a driver's power change timed out"},
    ClassWords{"registry-busy", "the I/O registry stayed busy"},
    ClassWords{"dart-fault", "an IOMMU (DART) refused a device's memory access"},
    ClassWords{"sptm-violation", "the page-table monitor (SPTM) refused a request"},
    ClassWords{"arm-exception", "an exception in the kernel (arm64)"},
    ClassWords{"x86-trap", "a trap in the kernel (Intel)"},
    ClassWords{"sleep-wake", "sleep or wake timed out"},
    ClassWords{"watchdog", "the kernel's watchdog fired"},
    ClassWords{"userspace-watchdog", "a system service stopped checking in"},
    ClassWords{"zone", "kernel heap corruption"},
    ClassWords{"pcie", "a PCIe port reported an error"},
    ClassWords{"coprocessor", "a coprocessor's firmware stopped"},
    ClassWords{"forced-reset", "a forced reset"},
    ClassWords{"nested", "a panic inside a panic"},
    ClassWords{"assertion", "a kernel assertion failed"},
};

TerminalText title_line(const Case& subject, const Painter& paint) {
  if (const Finding* finding = leading_finding(subject)) {
    const TerminalText certainty =
        say("{} ({} points)", to_string(finding->certainty), finding->points);
    return paint(Role::title, escape(finding->title)) + say(" · ") + paint(Role::strong, certainty);
  }
  if (const Finding* fallback = fallback_finding(subject))
    return paint(Role::title, escape(fallback->title)) + say(" · ") +
           paint(Role::strong, say("not diagnosed"));
  std::string_view what = words_of(subject.report.kind).without_rule;
  if (subject.report.kind == ReportKind::other && subject.report.bug_type)
    if (const auto known = report_type_words(*subject.report.bug_type); !known.empty())
      what = known;
  if (subject.report.crash && !subject.report.crash->is_fatal)
    what = "a process reported a fault, or exceeded a limit, and went on running";
  TerminalText title = paint(Role::title, escape(what));
  const std::string panic_class = text_of(subject.facts.find("panic.class"), "class");
  const auto known = std::ranges::find(kClasses, panic_class, &ClassWords::name);
  if (known != kClasses.end()) title += say(" · kind: {}", known->words);
  return title + say(" · ") + paint(Role::strong, say("not diagnosed"));
}

constexpr std::size_t kShownMessage = 600;  // bytes of a message line that are shown

std::string_view first_bytes(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  text = text.substr(0, limit);
  // Do not cut through a UTF-8 sequence.
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80)
    text.remove_suffix(1);
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.remove_suffix(1);
  return text;
}

TerminalText clipped(std::string_view line) {
  const std::string_view head = first_bytes(line, kShownMessage);
  if (head.size() == line.size()) return escape(line);
  return say("{}… ({} bytes more)", head, line.size() - head.size());
}

std::vector<std::string_view> lines_of(std::string_view text, std::size_t limit) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < limit) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// "IOServicePM.cpp:5609 · macOS 15.5 (24F74) · Mac14,2"
TerminalText origin_words(const Case& subject, const Panic* panic) {
  TerminalText words;
  const auto add = [&](const TerminalText& more) {
    if (more.empty()) return;
    if (!words.empty()) words += say(" · ");
    words += more;
  };
  if (panic != nullptr && panic->source_file) {
    add(panic->source_line ? say("{}:{}", panic->source_file->value, *panic->source_line)
                           : escape(panic->source_file->value));
  }
  if (subject.report.crash) {
    const Crash& crash = *subject.report.crash;
    const std::string& name = crash.bundle_id.empty() ? crash.process : crash.bundle_id;
    if (!name.empty())
      add(crash.version.empty() ? escape(name) : say("{} {}", name, crash.version));
  }
  const Machine& machine = subject.report.machine;
  if (machine.os) {
    add(escape(machine.os->value));
  } else if (machine.build) {
    add(say("build {}", machine.build->value));
  }
  if (machine.product) {
    add(escape(machine.product->value));
  } else if (machine.arch != Arch::unknown) {
    add(escape(to_string(machine.arch)));
  }
  return words;
}

const Panic* panic_of(const Case& subject) {
  return subject.report.panic ? &*subject.report.panic : nullptr;
}

/// The message of the panic, or what a crash report says of the end of its process.
std::string message_of(const Case& subject) {
  const Panic* panic = panic_of(subject);
  if (panic != nullptr) return panic->message.value;
  return subject.report.crash ? crash_message(*subject.report.crash) : std::string();
}

}  // namespace

std::vector<TerminalText> brief_lines(const Case& subject, const Painter& paint) {
  const std::string message = message_of(subject);
  const auto lines = lines_of(message, 1);
  TerminalText second = lines.empty() ? TerminalText() : clipped(lines.front());
  const TerminalText origin = origin_words(subject, panic_of(subject));
  if (!second.empty() && !origin.empty()) second += say(" · ");
  second += origin;
  if (second.empty()) second = escape(subject.source.path);
  const TerminalText label = paint(Role::heading, escape(words_of(subject.report.kind).label));
  return {label + say("  ") + title_line(subject, paint), say("       ") + second};
}

void write_head(const Story& story) {
  Page& page = story.page;
  page.section(words_of(story.report().kind).label);
  page.paragraph(title_line(story.subject, page.paint()), 0, 2);

  constexpr std::size_t kMessageLines = 6;
  const std::string message = message_of(story.subject);
  for (const std::string_view line : lines_of(message, kMessageLines))
    page.paragraph(clipped(line), 0, 2);
  const auto total = static_cast<std::size_t>(std::ranges::count(message, '\n')) + 1;
  if (total > kMessageLines)
    page.line(page.paint()(Role::quiet, say("… {} more lines", total - kMessageLines)));
  const TerminalText origin = origin_words(story.subject, panic_of(story.subject));
  if (!origin.empty()) page.paragraph(page.paint()(Role::quiet, origin));
}

void write_what(const Story& story) {
  story.page.section("WHAT");
  if (const Finding* finding = main_finding(story.subject)) {
    for (const std::string_view part : lines_of(finding->summary, 20))
      if (!part.empty()) story.page.paragraph(escape(part));
    return;
  }
  if (story.report().kind == ReportKind::kernel_panic)
    story.page.paragraph(
        say("No rule knows this message. What the report itself says is below; nothing in it was "
            "guessed."));
}

void write_next(const Story& story) {
  const Finding* finding = main_finding(story.subject);
  if (finding == nullptr) return;
  const Cause* cause = finding->causes.empty() ? nullptr : &finding->causes.front();
  const auto& fixes = cause == nullptr || cause->fix.empty() ? finding->fix : cause->fix;
  story.page.section("NEXT");
  if (cause != nullptr) {
    TerminalText text = escape(cause->text);
    if (!cause->likelihood.empty())
      text += story.page.paint()(Role::strong, say(" [{}]", cause->likelihood));
    story.page.paragraph(text);
  }
  if (!fixes.empty()) story.page.item(say("->"), 3, escape(fixes.front()));
}

void write_further_panics(const Story& story) {
  const auto& others = story.report().further_panics;
  if (others.empty()) return;
  constexpr std::size_t kShown = 10;
  story.page.section("FURTHER PANICS");
  story.page.paragraph(say("The file holds {} more {}; only the first is diagnosed.", others.size(),
                           others.size() == 1 ? "panic" : "panics"));
  const std::size_t shown = story.options.full ? others.size() : std::min(kShown, others.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto lines = lines_of(others[i].message.value, 1);
    TerminalText text = lines.empty() ? say("(no message)") : clipped(lines.front());
    if (others[i].source_file) text += say(" · {}", others[i].source_file->value);
    const TerminalText place = story.locator.say(others[i].where);
    if (!place.empty()) text += say(" ({})", place);
    story.page.item(say("{}.", i + 2), 4, text);
  }
  if (shown < others.size()) story.page.paragraph(say("… {} more", others.size() - shown));
}

}  // namespace panicscan::render
