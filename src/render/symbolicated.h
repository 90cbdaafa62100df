#pragma once

#include <ostream>

#include "render/render.h"

namespace panicscan::render {

/// The report again, as text, with names. A text keeps every byte and gets names behind the rows
/// of its stacks. Of a JSON report it is the panic text with names, and behind that every thread
/// of every process in the layout of Apple's spindump.
void render_symbolicated_text(std::ostream& out, const Case& subject, const Options& options);

/// The same JSON file with names. Every byte stays where it was in the order of the document; the
/// panic text gets names behind the rows of its stacks, and for the frames of the stackshot a
/// member `panicscanSymbols` is added at the end of the body. A report that is no JSON stays as it
/// is; see has_json().
void render_symbolicated_ips(std::ostream& out, const Case& subject, const Options& options);

// symbolicated_threads.cc
/// Processes with their threads, waits and stacks, then the images, as spindump prints them.
void write_stackshot(std::ostream& out, const Case& subject);
// symbolicated_crash.cc
/// What crashed and why, its threads, registers and images; the report must hold a crash.
void write_crash(std::ostream& out, const Case& subject);

}  // namespace panicscan::render
