#pragma once

#include <string>

#include "base/source_ref.h"

namespace panicscan {

/// What kind of trouble a part of the input gave.
enum class NoteKind {
  damaged,       ///< did not follow its grammar; what could be read was read
  truncated,     ///< the input, or a part of it, ends early
  unknown_line,  ///< a line of panic text that no grammar knows; kept as a field
  repaired,      ///< the text had been changed in transit and was put right (quotes, wrapping…)
  ambiguous,     ///< could be read in more than one way; the reading taken is stated
  remark,        ///< said by the report's own writer about its quality
};

/// One honest remark on the input: something was odd, and this is what it means for the result.
struct Note {
  NoteKind kind = NoteKind::remark;
  std::string text;
  SourceRef where;
};

/// Anything the report says as "name: value", verbatim and in order; also lines without a name,
/// under the name "line". This is what keeps rules working when Apple adds a line.
struct Field {
  std::string name;
  std::string value;
  SourceRef where;
};

}  // namespace panicscan
