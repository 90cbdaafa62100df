#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/document.h"
#include "model/panic.h"

namespace panicscan::parsers {

/// The place in source code a message ends with: "@/path/IOService.cpp:1320", "@foo.c:12".
struct SourcePlace {
  std::string_view whole;  ///< from the '@' on
  std::string_view file;   ///< base name
  std::uint32_t line = 0;
};

/// Finds the place at the end of a message; the path may be broken over lines. Needs a file name
/// extension of source code, so "0x12@0x34" is none.
std::optional<SourcePlace> trailing_source_place(std::string_view message);

/// Finds the first "name.cpp:123" inside a message ("foo.c:12 Assertion failed: …",
/// "… , file: foo.c, line: 12"): what assertions and drivers write themselves.
std::optional<SourcePlace> source_place_inside(std::string_view message);

/// A panic message without its decoration.
struct CleanMessage {
  Document text;  ///< mapped to the document the message stands in
  MessageStyle style = MessageStyle::plain;
  std::optional<SourcePlace> place;  ///< views into the raw message
  bool is_cut = false;               ///< a quote was opened and never closed
};

/// Takes off what the panic macros put around a message: quotes (adjacent literals are joined,
/// escapes undone once, only the outermost pair goes) and the "@file:line" behind it.
/// `raw` stands at `offset` of document `parent`.
/// Source: xnu osfmk/kern/debug.h, panic() macros of xnu and of kexts, before and since macOS 12.
CleanMessage clean_message(std::string_view raw, std::uint32_t parent, std::uint32_t offset);

}  // namespace panicscan::parsers
