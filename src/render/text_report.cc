// The text report: the product's face. The first screen says what happened, who did it, how sure
// that is and what to do next; then come the details, in the order of the table below.

#include "render/text_report.h"

#include <array>

#include "render/text_sections.h"

namespace panicscan::render {
namespace {

/// Every section, in the order of the page.
constexpr std::array<Section, 24> kSections{
    write_head,          write_what,           write_who,       write_next,
    write_joined,        write_waits,          write_mechanism, write_timeline,
    write_events,        write_crash_end,      write_memory,    write_contents,
    write_where,         write_crash_where,    write_why,       write_fix,
    write_rivals,        write_further_panics, write_symbols,   write_crash_images,
    write_crash_process, write_machine,        write_integrity, write_threads,
};

}  // namespace

void render_text(std::ostream& out, const Case& subject, const Options& options) {
  if (options.brief) {
    for (const TerminalText& line : brief_lines(subject, Painter(options.color)))
      out << line.view() << '\n';
    return;
  }
  Page page(options.width, options.color);
  const Locator locator(subject);
  const Story story{subject, options, locator, page};
  for (const Section section : kSections) section(story);
  out << std::move(page).take();
}

}  // namespace panicscan::render
