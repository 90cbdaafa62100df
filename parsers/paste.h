#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/document.h"

namespace panicscan::parsers {

/// One kind of damage that pasting does, and how it is undone.
struct PasteRepair {
  std::string_view what;  ///< the note it costs: what was found, and what was done
  /// The repaired text, mapped to document number `parent`; nothing when there is nothing to do.
  std::optional<Document> (*apply)(std::string_view text, std::uint32_t parent);
};

/// All repairs, in the order they build on each other.
std::span<const PasteRepair> paste_repairs();

// The repairs, one family a file; each as PasteRepair::apply.

std::optional<Document> undo_json_escapes(std::string_view text, std::uint32_t parent);
std::optional<Document> undo_html(std::string_view text, std::uint32_t parent);
std::optional<Document> undo_smart_punctuation(std::string_view text, std::uint32_t parent);
std::optional<Document> undo_markdown(std::string_view text, std::uint32_t parent);
std::optional<Document> undo_quoting(std::string_view text, std::uint32_t parent);
std::optional<Document> undo_log_prefixes(std::string_view text, std::uint32_t parent);
std::optional<Document> undo_flattening(std::string_view text, std::uint32_t parent);
std::optional<Document> undo_wrapping(std::string_view text, std::uint32_t parent);

/// Whether a line begins like one that only a panic has ("Debugger message:", "Backtrace (CPU 0)").
bool is_landmark_line(std::string_view line);

}  // namespace panicscan::parsers
