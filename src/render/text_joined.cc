// JOINED, TIMELINE and EVENTS: the other files of the incident, what happened when, and what a log
// says.

#include <algorithm>
#include <array>
#include <span>

#include "base/timestamp.h"
#include "model/names.h"
#include "render/text_sections.h"
#include "render/timeline.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kShownLines = 24, kAllLines = 100'000;

/// What a companion is, in a few words.
TerminalText what_it_is(const Report& report) {
  if (report.crash) {
    const Crash& crash = *report.crash;
    const std::string& name = crash.bundle_id.empty() ? crash.process : crash.bundle_id;
    return name.empty() ? say("a crash") : say("crash of {}", name);
  }
  if (report.kind == ReportKind::log)
    return say("log, {} lines, {} with a known meaning", report.log.lines,
               report.log.events.size());
  if (report.kind == ReportKind::device_tree)
    return say("I/O registry, {} entries", report.devices.nodes.size());
  return escape(to_string(report.kind));
}

/// "-12.3 s": relative to what the incident is about.
TerminalText relative(std::int64_t us) {
  const std::int64_t ms = us / 1000;
  const auto magnitude = static_cast<std::uint64_t>(ms < 0 ? -ms : ms);
  const TerminalText text = escape(duration(magnitude));
  if (magnitude == 0) return say("0 s");
  return (ms < 0 ? say("-") : say("+")) + text;
}

}  // namespace

void write_joined(const Story& story) {
  const auto& companions = story.subject.companions;
  if (companions.empty()) return;
  constexpr std::size_t kShownFiles = 12;
  Page& page = story.page;
  page.section("JOINED");
  page.paragraph(say("{} {} to this incident", companions.size(),
                     companions.size() == 1 ? "file belongs" : "files belong"));
  const std::size_t shown =
      story.options.full ? companions.size() : std::min(companions.size(), kShownFiles);
  for (const Companion& companion : std::span(companions).first(shown))
    page.item(say("-"), 2,
              page.paint()(Role::strong, escape(file_name(companion.source.path))) +
                  say(" ({}): ", what_it_is(companion.report)) + escape(companion.because));
  if (shown < companions.size())
    page.line(
        page.paint()(Role::quiet, say("… {} more; --full shows all", companions.size() - shown)));
}

void write_timeline(const Story& story) {
  if (story.subject.companions.empty()) return;
  Page& page = story.page;
  const Timeline times = timeline(story.subject, story.options.full ? kAllLines : kShownLines);
  if (times.moments.empty()) return;
  page.section("TIMELINE");
  if (times.left_out > 0)
    page.line(page.paint()(Role::quiet,
                           say("… {} earlier lines of logs; --full shows all", times.left_out)));
  // What the report tells of is its own last moment.
  std::int64_t zero = times.moments.back().unix_us;
  for (const Moment& moment : times.moments)
    if (moment.companion == 0) zero = moment.unix_us;
  std::vector<std::vector<TerminalText>> rows;
  for (const Moment& moment : times.moments) {
    const std::string from =
        moment.companion == 0
            ? std::string()
            : file_name(story.subject.companions[moment.companion - 1].source.path);
    rows.push_back({escape(utc_text(moment.unix_us).value_or("")),
                    pad_left(relative(moment.unix_us - zero), 10), shorten(escape(from), 24),
                    escape(moment.says)});
  }
  page.table(rows);
}

void write_events(const Story& story) {
  const Log& log = story.report().log;
  if (story.report().kind != ReportKind::log) return;
  Page& page = story.page;
  page.section("EVENTS");
  page.paragraph(say("{} of {} lines have a known meaning ({})", log.lines - log.unknown, log.lines,
                     log.style));
  const std::size_t shown =
      story.options.full ? log.events.size() : std::min(log.events.size(), kShownLines);
  if (shown < log.events.size())
    page.line(page.paint()(Role::quiet,
                           say("… {} earlier ones; --full shows all", log.events.size() - shown)));
  std::vector<std::vector<TerminalText>> rows;
  for (const LogEvent& event : std::span(log.events).last(shown))
    rows.push_back({escape(event.time), escape(event.process),
                    page.paint()(Role::strong, escape(event.kind)),
                    shorten(escape(event.message), 240)});
  page.table(rows);
}

}  // namespace panicscan::render
