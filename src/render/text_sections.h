#pragma once

#include "render/case_view.h"
#include "render/locator.h"
#include "render/page.h"
#include "render/render.h"

namespace panicscan::render {

/// What every section of the text report is written from.
struct Story {
  const Case& subject;
  const Options& options;
  const Locator& locator;
  Page& page;

  const Report& report() const { return subject.report; }
  const Facts& facts() const { return subject.facts; }
};

/// A section of the text report. It starts its own section of the page, and writes nothing at
/// all when the case has nothing to say on the subject.
using Section = void (*)(const Story&);

// text_head.cc
/// The two lines that --brief prints, as they are: what, how sure; the panic's own words.
std::vector<TerminalText> brief_lines(const Case& subject, const Painter& paint);
void write_head(const Story& story);
void write_what(const Story& story);
void write_next(const Story& story);
void write_further_panics(const Story& story);
// text_joined.cc
void write_joined(const Story& story);
void write_timeline(const Story& story);
/// Of a log: what it says.
void write_events(const Story& story);
// text_mechanism.cc
void write_mechanism(const Story& story);
// text_waits.cc
void write_waits(const Story& story);
// text_who.cc
void write_who(const Story& story);
// text_where.cc
void write_where(const Story& story);
// text_crash.cc
/// What a crash report says in a line or a few: exception, termination, the notes of libraries.
std::string crash_message(const Crash& crash);
void write_crash_end(const Story& story);
void write_crash_where(const Story& story);
void write_crash_process(const Story& story);
void write_crash_images(const Story& story);
// text_other.cc
void write_memory(const Story& story);
void write_contents(const Story& story);
// text_why.cc
void write_why(const Story& story);
void write_fix(const Story& story);
void write_rivals(const Story& story);
// text_symbols.cc
void write_symbols(const Story& story);
// text_origin.cc
void write_machine(const Story& story);
void write_integrity(const Story& story);
// text_threads.cc
void write_threads(const Story& story);

// text_registers.cc
/// A register dump under a line that names it.
void write_register_set(const Story& story, const RegisterSet& set);

// text_frames.cc
/// A function's name for people. The kernel prints names as the linker knows them, which begin with
/// an underscore of Mach-O's; all other names are those of the language already.
TerminalText function_words(const Story& story, const Symbol& symbol);
/// Rows of a stack for Page::table: number, name (or address), image + offset, remark.
/// `first_number` is the number of the first frame of the range.
std::vector<std::vector<TerminalText>> frame_rows(const Story& story, IndexRange<Frame> frames,
                                                  std::size_t first_number = 0);
/// Names of an address that is no frame, innermost first; none when nothing is known.
std::vector<TerminalText> names_at(const Story& story, Address address);
/// "com.example.driver + 0x1d234", "no image covers it"…; " ?" behind a placement that rests on the
/// next lower image only.
TerminalText place_words(const Story& story, const Placement* place);

}  // namespace panicscan::render
