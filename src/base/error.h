#pragma once

#include <string>
#include <string_view>

#include "base/source_ref.h"

namespace panicscan {

/// Why something could not even start. Odd input that can be worked around is a Note, not an Error.
enum class ErrorCode {
  usage,           ///< the command line, a configuration, a rule or a schema is wrong: exit code 2
  unreadable,      ///< a file cannot be read: exit code 3
  unknown_format,  ///< the bytes are no report we know: exit code 3
  malformed,       ///< a piece of text does not follow its grammar
  limit,           ///< a documented limit was reached
  internal,        ///< our bug: exit code 70
};

/// What went wrong, for people: `message` says what and what to do, `where` points into the input.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  SourceRef where;
};

/// The same error, prefixed with what was being done: "reading KDK: no such file".
Error with_context(Error error, std::string_view doing);

}  // namespace panicscan
