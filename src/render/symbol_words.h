#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/case.h"
#include "render/escape.h"

namespace panicscan::render {

// Names as Apple's own tools write them into a report, for `symbolicate`.

/// Follows a name that comes from a file of another build; see --allow-near-match.
inline constexpr std::string_view kNearMatchMark = " [of another build]";
/// Follows the name of a function whose code stands inside that of its caller.
inline constexpr std::string_view kInlinedMark = " [inlined]";

/// The names a frame has from symbol files, innermost first; none when the report already carries
/// the only name there is.
std::span<const Symbol> found_names(const Symbols& symbols, Index<Frame> frame);
std::span<const Symbol> found_names(const Symbols& symbols, Address address);

/// The last part of a path, which is what Apple's reports say of a source file.
std::string_view base_name(std::string_view path);

/// "ExampleDriver::start(IOService*) + 36 (ExampleDriver.cpp:42)"; code that was inlined into the
/// next name ends in kInlinedMark. Never holds a line break or anything else that would move a
/// terminal's cursor.
std::string symbol_words(const Symbol& symbol, SymbolStatus status);
/// The same of a whole chain, innermost first.
std::vector<std::string> chain_words(std::span<const Symbol> names, SymbolStatus status);

/// A line of a report as it is, but for what would move a terminal's cursor; tabs stay.
TerminalText safe_line(std::string_view line);

}  // namespace panicscan::render
