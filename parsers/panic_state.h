#pragma once

// Shared by the files that together read a panic text; not for use outside panic_*.cc and friends.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "model/report_builder.h"

namespace panicscan::parsers {

struct PanicState;

/// One line of the panic text.
struct TextLine {
  std::string_view whole;  ///< without the line end
  std::string_view text;   ///< without blanks at both ends; never empty
};

/// A part of the text that spans lines (a backtrace, a list of kexts…).
struct Block {
  /// Reads the line if it belongs to the block; false closes the block.
  bool (*take)(PanicState&, const TextLine&);
  /// Called once when the block is over, if set.
  void (*close)(PanicState&) = nullptr;
};

/// What a line means for the lines around it.
enum class LineRole {
  preamble,        ///< may stand before the head line
  inside_message,  ///< belongs to the message as well
  nested_too,      ///< as block; a nested panic prints it, too
  block,           ///< belongs to the body: ends the message
};

/// A line known by how it begins. When `prefix` ends in ':' and a value follows, the line also
/// becomes a Field of that name.
struct LineGrammar {
  std::string_view prefix;  ///< blanks before it are ignored
  LineRole role = LineRole::block;
  /// Reads the rest of the line (blanks removed); nothing to do when not set.
  void (*read)(PanicState&, const TextLine&, std::string_view rest) = nullptr;
};

/// A line known by its shape; returns false when it is something else.
using LineShape = bool (*)(PanicState&, const TextLine&);

/// How far the reading of one panic has come.
struct PanicProgress {
  enum class Phase { before_head, message, body };
  Phase phase = Phase::before_head;
  bool head_seen = false;
  bool body_seen = false;
  bool kernel_version_seen = false;
  bool first_panic_lost = false;           ///< a nested panic came before any head line
  std::string_view message;                ///< grows while phase is message; covers whole lines
  std::string_view debugger_message;       ///< of "Debugger message:" / "Debugger called:"
  std::string_view head_prefix;            ///< what stands before "panic(" on its line
  std::string_view cpu_text, caller_text;  ///< of the head line
  std::vector<TextLine> before;            ///< lines before the head that no grammar knows

  bool in_nested = false;     ///< reading what a nested panic printed
  bool in_other_cpu = false;  ///< reading what another CPU printed (NMI)

  Backtrace backtrace;                       ///< the open one
  std::vector<Frame> frames;                 ///< of the open one
  RegisterSet registers;                     ///< the open one
  std::vector<RegisterSet> later_registers;  ///< of other CPUs, put behind those of the panic
  /// Frames whose row names a bundle, to be connected with its image at the end.
  std::vector<std::pair<std::uint32_t, std::string_view>> bundle_of_frame;
  std::map<std::pair<std::uint64_t, std::string_view>, Index<Image>> images;
  KextList next_kext = KextList::in_backtrace;
  std::string_view dext_name;
  std::string_view waiting_key;  ///< whose value is on the next line

  std::string_view unknown;  ///< run of lines no grammar knows, until noted
  std::size_t unknown_lines = 0;
};

/// Everything the line readers share while one document is read.
struct PanicState {
  PanicState(std::uint32_t document_number, ReportBuilder& builder)
      : out(builder), document(document_number), text(builder.text(document_number)) {}

  ReportBuilder& out;
  std::uint32_t document;
  std::string_view text;
  std::string_view last_line;  ///< the current line, without blanks at its ends
  std::string_view next_line;  ///< the line behind the current one, without blanks at its ends
  bool is_over = false;        ///< the last line has been read
  const Block* block = nullptr;
  PanicProgress now;
  std::vector<std::string> disagreements;  ///< machine fields that differ from the container's

  Panic& panic() { return out.panic(); }
  /// Where a part of the text stands; `part` must be a view into it.
  SourceRef ref(std::string_view part) const {
    return {document, static_cast<std::uint32_t>(part.data() - text.data()),
            static_cast<std::uint32_t>(part.size())};
  }
  void field(std::string_view name, std::string_view value, std::string_view line) {
    out.add_field(std::string(name), std::string(value), ref(line));
  }
  void note(NoteKind kind, std::string what, std::string_view part) {
    out.note(kind, std::move(what), ref(part));
  }
  void open(const Block& opened) {
    close_block();
    block = &opened;
  }
  void close_block() {
    const Block* closing = std::exchange(block, nullptr);
    if (closing != nullptr && closing->close != nullptr) closing->close(*this);
  }
};

/// From the start of `first` to the end of `last`; both are views into one text.
inline std::string_view join_views(std::string_view first, std::string_view last) {
  return {first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())};
}

/// Sets a value once: the first word of a text counts, later ones (a nested panic's) do not.
template <typename T>
void set_once(std::optional<T>& slot, T value) {
  if (!slot) slot = std::move(value);
}

/// A line split at its first colon. The key is 1 to 60 characters long and begins with a letter.
struct KeyValue {
  std::string_view key, value;
};
std::optional<KeyValue> split_key_value(std::string_view line);
/// A member of pretty-printed JSON: "build" : "18D61", — for excerpts that are no valid JSON.
std::optional<KeyValue> split_json_member(std::string_view line);

// The tables, one a file.
std::span<const LineGrammar> preamble_lines();   // panic_preamble.cc
std::span<const LineGrammar> value_lines();      // panic_lines.cc
std::span<const LineGrammar> core_lines();       // panic_cores.cc
std::span<const LineGrammar> backtrace_lines();  // backtrace_lines.cc
std::span<const LineGrammar> kext_grammars();    // kext_lines.cc
std::span<const LineGrammar> heap_lines();       // heap_lines.cc

}  // namespace panicscan::parsers
