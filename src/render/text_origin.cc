// MACHINE and INTEGRITY: where the report comes from and how far to trust it.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/uuid.h"
#include "model/names.h"
#include "render/text_sections.h"

namespace panicscan::render {
namespace {

using Rows = std::vector<std::vector<TerminalText>>;

void add_row(Rows& rows, std::string_view name, const std::string& value) {
  if (!value.empty()) rows.push_back({escape(name), escape(value)});
}

template <typename T>
std::string value_or_empty(const std::optional<Sourced<T>>& field) {
  if (!field) return {};
  if constexpr (std::is_same_v<T, Uuid>) {
    return to_string(field->value);
  } else {
    return field->value;
  }
}

/// A note, and how often it occurs in a row.
struct RepeatedNote {
  const Note* note = nullptr;
  std::size_t times = 1;
};

/// The notes that are not among the reasons for the state already, damage before lines that
/// nobody knows, repeated ones once.
std::vector<RepeatedNote> notes_to_show(const Story& story) {
  const auto& reasons = story.facts().integrity.reasons;
  std::vector<const Note*> notes;
  for (const Note& note : story.report().notes)
    if (std::ranges::find(reasons, note.text) == reasons.end()) notes.push_back(&note);
  std::ranges::stable_sort(
      notes, {}, [](const Note* note) { return note->kind == NoteKind::unknown_line ? 1 : 0; });
  std::vector<RepeatedNote> merged;
  for (const Note* note : notes) {
    const bool repeats = !merged.empty() && merged.back().note->text == note->text &&
                         merged.back().note->kind == note->kind;
    if (repeats) {
      ++merged.back().times;
    } else {
      merged.push_back({note, 1});
    }
  }
  return merged;
}

struct NoteWords {
  NoteKind kind;
  std::string_view words;
};
constexpr std::array kNoteKinds{
    NoteWords{NoteKind::damaged, "damaged"},      NoteWords{NoteKind::truncated, "cut off"},
    NoteWords{NoteKind::unknown_line, "unknown"}, NoteWords{NoteKind::repaired, "repaired"},
    NoteWords{NoteKind::ambiguous, "ambiguous"},  NoteWords{NoteKind::remark, "remarks"},
};

void write_notes(const Story& story) {
  Page& page = story.page;
  if (story.report().notes.empty()) return;
  TerminalText summary = say("notes:");
  bool is_first = true;
  for (const NoteWords& row : kNoteKinds) {
    const auto count = std::ranges::count(story.report().notes, row.kind, &Note::kind);
    if (count == 0) continue;
    summary += say("{} {} {}", is_first ? "" : ",", count, row.words);
    is_first = false;
  }
  page.line(summary);
  constexpr std::size_t kShownNotes = 10, kShownColumns = 240;
  const auto notes = notes_to_show(story);
  const std::size_t shown = story.options.full ? notes.size() : std::min(notes.size(), kShownNotes);
  for (std::size_t i = 0; i < shown; ++i) {
    TerminalText text = escape(notes[i].note->text);
    if (!story.options.full) text = shorten(text, kShownColumns);
    const TerminalText place = story.locator.say(notes[i].note->where);
    if (!place.empty()) text = place + say(": ") + text;
    if (notes[i].times > 1) text += say(" ({} times)", notes[i].times);
    page.item(say("-"), 2, text);
  }
  if (shown < notes.size())
    page.line(page.paint()(Role::quiet, say("… {} more; --full shows all", notes.size() - shown)));
}

}  // namespace

void write_machine(const Story& story) {
  Page& page = story.page;
  const Report& report = story.report();
  const Machine& machine = report.machine;
  Rows rows;
  add_row(rows, "model", value_or_empty(machine.product));
  add_row(rows, "soc", value_or_empty(machine.soc));
  if (machine.arch != Arch::unknown)
    add_row(rows, "architecture", std::string(to_string(machine.arch)));
  add_row(rows, "system", value_or_empty(machine.os));
  if (!machine.os) add_row(rows, "build", value_or_empty(machine.build));
  add_row(rows, "kernel", value_or_empty(machine.kernel_version));
  add_row(rows, "boot session", value_or_empty(machine.boot_session));
  add_row(rows, "boot-args", value_or_empty(machine.boot_args));
  if (report.panic) {
    const PanicTimes& times = report.panic->times;
    const auto time = [&](std::string_view name, const std::optional<Sourced<EpochTime>>& at) {
      if (at) add_row(rows, name, utc(at->value).value_or(""));
    };
    time("boot", times.boot);
    time("last sleep", times.sleep);
    time("last wake", times.wake);
    time("panic", times.calendar);
    if (times.uptime_ns) add_row(rows, "uptime", duration(times.uptime_ns->value / 1'000'000));
  }
  if (const Fact* facts = story.facts().find("time.panic")) {
    const auto ago = [&](std::string_view name, std::string_view field) {
      const Value* value = facts->find(field);
      if (value != nullptr && value->as_number())
        add_row(rows, name, duration(*value->as_number() * 1000));
    };
    ago("since boot", "since_boot");
    ago("awake", "awake");
    ago("since wake", "since_wake");
  }
  if (const Fact* flags = story.facts().find("panic.flags"))
    add_row(rows, "panic flags", text_of(flags, "value") + " " + text_of(flags, "bits"));
  page.section("MACHINE");
  page.table(rows);
}

void write_integrity(const Story& story) {
  Page& page = story.page;
  const Report& report = story.report();
  const Integrity& integrity = story.facts().integrity;
  page.section("INTEGRITY");
  const bool is_complete = integrity.state == IntegrityState::complete;
  TerminalText head =
      page.paint()(is_complete ? Role::good : Role::bad, escape(to_string(integrity.state)));
  if (!report.format.empty()) head += say(" · {}", report.format);
  if (report.bug_type) head += say(", bug_type {}", *report.bug_type);
  if (!story.subject.source.path.empty()) head += say(" · {}", story.subject.source.path);
  page.paragraph(head, 0, 2);
  for (const std::string& reason : integrity.reasons) page.item(say("-"), 2, escape(reason));

  write_notes(story);
}

}  // namespace panicscan::render
