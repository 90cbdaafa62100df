#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "model/case.h"

namespace panicscan::render {

/// Which threads are shown.
enum class ThreadChoice { own, all, panicked };

struct Options {
  bool color = false;
  std::uint32_t width = 100;                       ///< columns; text is wrapped to it
  bool brief = false;                              ///< the first two lines only
  bool full = false;                               ///< every thread of every process
  std::optional<ThreadChoice> threads = {};        ///< default: own for text, all for JSON
  std::optional<std::uint32_t> thread_limit = {};  ///< --threads N: at most N threads
  std::string_view tool_version = {};
  /// Whoever reads it sits at a terminal: also what is otherwise copied byte for byte is made safe.
  bool to_terminal = false;
};

/// A place between the reports of one stream.
enum class Seam { before_first, between, behind_last };

/// An output format: one row, one .cc file.
struct OutputFormat {
  std::string_view name;  ///< "text", "json"
  std::string_view meaning;
  void (*render)(std::ostream&, const Case&, const Options&);
  /// What stands there when several reports go to one stream, so that the whole is well-formed.
  /// `next` is the path of the report that follows; behind the last it is empty.
  void (*seam)(std::ostream&, Seam, std::string_view next) = nullptr;
};

/// What `analyze` writes.
std::span<const OutputFormat> output_formats();
/// What `symbolicate` writes: the report again, with names.
std::span<const OutputFormat> symbolicated_formats();
const OutputFormat* find_output_format(std::string_view name);

/// Text from outside as one safe line for a terminal or a log: control bytes, escape sequences and
/// bidirectional controls become visible escapes. For messages that are not part of a report.
std::string printable(std::string_view text);
/// Whether printable() leaves a text as it is because all of it is printable ASCII.
bool is_printable(std::string_view text);

/// The JSON Schema of `panicscan.report/1`.
std::string_view report_schema();

}  // namespace panicscan::render
