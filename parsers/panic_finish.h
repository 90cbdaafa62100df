#pragma once

#include <string_view>

#include "parsers/panic_head.h"
#include "parsers/panic_state.h"

namespace panicscan::parsers {

/// Starts the message of the open panic at its head line.
void begin_message(PanicState& state, const TextLine& line, const PanicHead& head);
/// Whether a line closes a message: "… @IOService.cpp:1320".
bool ends_with_source_place(std::string_view line);
/// Writes the note on the run of unknown lines, if there is one.
void flush_unknown_lines(PanicState& state);
/// Completes the open panic: its message, what must be connected, what is missing.
void finish_panic(PanicState& state);
/// Notes what concerns the text as a whole.
void finish_text(PanicState& state);

/// Whether some line grammar knows a line by its beginning; the normaliser asks, too.
bool is_known_panic_line(std::string_view text);

}  // namespace panicscan::parsers
