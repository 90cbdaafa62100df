// What a crash report says of a process: how it ended, where, and who it was.

#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/uuid.h"
#include "render/text_sections.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kShownFrames = 40;  // of one stack, unless --full
constexpr std::size_t kShownLines = 12;   // of a text, unless --full

std::string with_pid(const std::string& name, const std::optional<ProcessId>& pid) {
  if (!pid) return name;
  return (name.empty() ? "process" : name) + " [" + std::to_string(pid->value) + "]";
}

/// Lines of a text under the current section, the first ones unless everything is wanted.
void write_lines(const Story& story, std::string_view text, std::size_t indent = 0) {
  LineReader lines(text);
  std::size_t shown = 0, hidden = 0;
  while (const auto line = lines.next()) {
    if (trim(line->text).empty()) continue;
    if (!story.options.full && shown == kShownLines) {
      ++hidden;
      continue;
    }
    ++shown;
    story.page.paragraph(escape(trim(line->text)), indent, 2);
  }
  if (hidden > 0)
    story.page.line(
        story.page.paint()(Role::quiet, say("… {} more lines; --full shows all", hidden)), indent);
}

void write_stack(const Story& story, IndexRange<Frame> frames) {
  IndexRange<Frame> shown = frames;
  if (!story.options.full && frames.size() > kShownFrames)
    shown.end = frames.begin + static_cast<std::uint32_t>(kShownFrames);
  story.page.table(frame_rows(story, shown), 0, 60);
  if (shown.end < frames.end)
    story.page.line(story.page.paint()(
        Role::quiet,
        say("… {}; --full shows all", count_of(frames.end - shown.end, "more frame"))));
}

/// "EXC_BAD_ACCESS (SIGSEGV), KERN_INVALID_ADDRESS at 0x18"
std::string exception_words(const Exception& exception) {
  std::string words = exception.type;
  if (!exception.signal.empty() && exception.signal != exception.type)
    words += words.empty() ? exception.signal : " (" + exception.signal + ")";
  for (const std::string& more : {exception.subtype, exception.message})
    if (!more.empty()) words += (words.empty() ? "" : ", ") + more;
  return words;
}

/// "CODESIGNING 0x2, Invalid Page"
std::string termination_words(const Termination& termination) {
  std::string words = termination.name_space;
  if (termination.code) words += (words.empty() ? "" : " ") + hex(*termination.code);
  if (!termination.indicator.empty()) words += (words.empty() ? "" : ", ") + termination.indicator;
  return words;
}

void write_termination(const Story& story, const Termination& termination) {
  TerminalText text = escape(termination_words(termination));
  const std::string meaning = text_of(story.facts().find("crash.termination"), "meaning");
  if (!meaning.empty()) text += say(": {}", meaning);
  const std::string by = with_pid(termination.by_process, termination.by_pid);
  if (!by.empty()) text += story.page.paint()(Role::quiet, say(" (by {})", by));
  story.page.paragraph(text, 0, 2);
  constexpr std::size_t kShownReasons = 8;
  std::size_t left = story.options.full ? SIZE_MAX : kShownReasons;
  for (const auto* list : {&termination.reasons, &termination.details})
    for (const std::string& line : *list)
      if (left > 0 && !trim(line).empty()) {
        --left;
        story.page.item(say("-"), 2, escape(line));
      }
}

/// "thread 3 crashed · worker · queue com.example.driver-Default"
TerminalText thread_title(const Story& story, const Crash& crash) {
  const std::uint32_t number = crash.crashed_thread->value;
  const Thread& thread = story.report().threads[number];
  TerminalText title = crash.is_fatal ? say("thread {} crashed", number) : say("thread {}", number);
  if (thread.id.value != number) title += say(" (tid {})", thread.id.value);
  if (!thread.name.empty()) title += say(" · {}", thread.name);
  if (!thread.queue.empty()) title += say(" · queue {}", thread.queue);
  return title;
}

/// Whose an image is, by its path: the system's need no mention.
bool is_systems(const Image& image) {
  return image.kind == ImageKind::cached_library || image.kind == ImageKind::shared_cache ||
         image.kind == ImageKind::absolute || is_apple(image.path);
}

}  // namespace

std::string crash_message(const Crash& crash) {
  std::string message;
  const auto add = [&](std::string_view line) {
    if (trim(line).empty()) return;
    if (!message.empty()) message += '\n';
    message += line;
  };
  if (crash.exception) add(exception_words(*crash.exception));
  if (crash.termination && (!crash.exception || crash.termination->name_space != "SIGNAL"))
    add("ended by " + termination_words(*crash.termination));
  for (const ApplicationNote& note : crash.notes) add(trim(note.text.value));
  return message;
}

void write_crash_end(const Story& story) {
  if (!story.report().crash) return;
  const Crash& crash = *story.report().crash;
  Page& page = story.page;
  page.section("ENDED");
  if (crash.termination) write_termination(story, *crash.termination);
  page.section("SAID");
  for (const ApplicationNote& note : crash.notes) {
    if (!note.library.empty()) page.line(page.paint()(Role::quiet, say("{}:", note.library)));
    write_lines(story, note.text.value, note.library.empty() ? 0 : 2);
  }
  page.section("TRIAGE");
  write_lines(story, crash.kernel_triage);
  page.section("REGION");
  write_lines(story, crash.vm_region);
}

void write_crash_where(const Story& story) {
  if (!story.report().crash) return;
  const Crash& crash = *story.report().crash;
  Page& page = story.page;
  page.section("WHERE");
  if (!crash.exception_backtrace.empty()) {
    page.line(say("the exception was thrown at:"));
    write_stack(story, crash.exception_backtrace);
  }
  if (crash.crashed_thread) {
    page.line(thread_title(story, crash) + say(":"));
    write_stack(story, story.report().threads[crash.crashed_thread->value].user_stack);
  } else if (crash.exception_backtrace.empty()) {
    page.line(page.paint()(Role::quiet, say("the report does not say which thread crashed")));
  }
  if (!story.options.full) return;
  if (crash.registers) write_register_set(story, *crash.registers);
  for (const ThreadRegisters& each : crash.other_registers) {
    page.line(say("thread {}:", each.thread.value));
    write_register_set(story, each.set);
  }
}

void write_crash_process(const Story& story) {
  if (!story.report().crash) return;
  const Crash& crash = *story.report().crash;
  std::vector<std::vector<TerminalText>> rows;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) rows.push_back({escape(name), escape(value)});
  };
  add("process", with_pid(crash.process, crash.pid));
  add("identifier", crash.bundle_id);
  add("version", crash.version);
  add("path", crash.path);
  add("parent", with_pid(crash.parent, crash.parent_pid));
  add("coalition", crash.coalition);
  add("launched", crash.launch_time);
  add("crashed", crash.time);
  if (crash.is_corpse) add("corpse", "yes: the report was made after the process had died");
  if (crash.is_translated) add("translated", "yes: Intel code under Rosetta");
  if (!crash.is_fatal) add("simulated", "yes: the process was not ended");
  story.page.section("PROCESS");
  story.page.table(rows);
}

void write_crash_images(const Story& story) {
  if (!story.report().crash || story.report().images.empty()) return;
  const Report& report = story.report();
  Page& page = story.page;
  constexpr std::size_t kShownImages = 16;
  std::vector<std::vector<TerminalText>> rows;
  std::size_t systems = 0, hidden = 0;
  for (const Image& image : report.images) {
    if (!story.options.full && is_systems(image)) {
      ++systems;
    } else if (!story.options.full && rows.size() == kShownImages) {
      ++hidden;
    } else {
      rows.push_back({escape(hex16(image.base.value)),
                      say("{} {}", image.name.empty() ? "(no name)" : image.name, image.version),
                      escape(image.uuid ? to_string(*image.uuid) : ""), escape(image.path)});
    }
  }
  page.section("IMAGES");
  page.table(rows, 0, 60);
  if (systems + hidden > 0)
    page.line(page.paint()(
        Role::quiet, say("… {} of the system and {} others; --full shows all", systems, hidden)));
}

}  // namespace panicscan::render
