// What reports of other kinds say: MEMORY of a memory pressure event (who was ended, who was
// large), CONTENTS of what has no reader of its own.

#include <algorithm>

#include "base/text.h"
#include "render/text_sections.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kShownProcesses = 12;  // of each list, unless --full

/// "1.2 GB", "35 MB", "120 kB"
std::string size_words(std::uint64_t bytes) {
  constexpr std::uint64_t kKilo = 1000, kMega = kKilo * 1000, kGiga = kMega * 1000;
  if (bytes >= kGiga)
    return std::to_string(bytes / kGiga) + "." + std::to_string(bytes % kGiga / (kGiga / 10)) +
           " GB";
  return bytes >= kMega ? std::to_string(bytes / kMega) + " MB"
                        : std::to_string(bytes / kKilo) + " kB";
}

void write_list(const Story& story, const TerminalText& title,
                const std::vector<const Process*>& processes) {
  if (processes.empty()) return;
  Page& page = story.page;
  page.line(title);
  std::vector<std::vector<TerminalText>> rows;
  const std::size_t shown =
      story.options.full ? processes.size() : std::min(processes.size(), kShownProcesses);
  for (std::size_t i = 0; i < shown; ++i) {
    const Process& process = *processes[i];
    rows.push_back({pad_left(escape(size_words(process.resident_bytes.value_or(0))), 8),
                    say("{} ({})", process.name, process.id.value), escape(process.ended_because)});
  }
  page.table(rows, 2, 60);
  if (shown < processes.size())
    page.line(
        page.paint()(Role::quiet, say("… {} more; --full shows all", processes.size() - shown)), 2);
}

}  // namespace

void write_memory(const Story& story) {
  const Report& report = story.report();
  if (report.kind != ReportKind::other) return;
  std::vector<const Process*> large, ended;
  for (const Process& process : report.processes) {
    if (process.resident_bytes) large.push_back(&process);
    if (!process.ended_because.empty()) ended.push_back(&process);
  }
  const auto by_size = [](const Process* process) { return ~process->resident_bytes.value_or(0); };
  std::ranges::stable_sort(large, {}, by_size);
  std::ranges::stable_sort(ended, {}, by_size);
  story.page.section("MEMORY");
  write_list(story, say("ended:"), ended);
  write_list(story, say("largest of {}:", report.processes.size()), large);
}

void write_contents(const Story& story) {
  const Report& report = story.report();
  const bool is_memory_event = std::ranges::any_of(
      report.processes, [](const Process& process) { return process.resident_bytes.has_value(); });
  if (report.kind != ReportKind::other || is_memory_event) return;
  constexpr std::size_t kShownFields = 16, kShownColumns = 240;
  const std::size_t shown =
      story.options.full ? report.fields.size() : std::min(report.fields.size(), kShownFields);
  std::vector<std::vector<TerminalText>> rows;
  for (std::size_t i = 0; i < shown; ++i) {
    const Field& field = report.fields[i];
    TerminalText value = escape(field.value);
    if (!story.options.full) value = shorten(value, kShownColumns);
    rows.push_back({escape(field.name), value});
  }
  Page& page = story.page;
  page.section("CONTENTS");
  page.table(rows);
  if (shown < report.fields.size())
    page.line(page.paint()(Role::quiet,
                           say("… {} more; --full shows all", report.fields.size() - shown)));
}

}  // namespace panicscan::render
