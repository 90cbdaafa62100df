#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "render/escape.h"

namespace panicscan::render {

/// Columns that a text takes on a terminal: one a code point, two for East Asian wide ones, none
/// for combining marks and for our own colour codes.
std::size_t columns(std::string_view safe);
inline std::size_t columns(const TerminalText& text) { return columns(text.view()); }

/// Breaks a text at blanks into lines of at most `width` columns; a word that is longer than a
/// line is broken anywhere. Each line opens and closes its own colours. At least one line.
/// Cost: linear in the text.
std::vector<std::string> wrap(const TerminalText& text, std::size_t width);

/// The text with blanks before it (behind it), so that it takes `width` columns.
TerminalText pad_left(const TerminalText& text, std::size_t width);
TerminalText pad_right(const TerminalText& text, std::size_t width);

/// At most `limit` columns of a text; what is cut off is replaced by "…".
TerminalText shorten(const TerminalText& text, std::size_t limit);

}  // namespace panicscan::render
