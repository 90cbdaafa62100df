#pragma once

#include "base/expected.h"
#include "symbolicator/protocol.h"

namespace panicscan::symbolizer {

/// What the kernel agreed to enforce.
struct Seals {
  bool files = false;    ///< no file can be written, created, removed or run any more
  bool network = false;  ///< no TCP connection can be made or accepted any more
};

/// Gives up what reading symbol files does not need, for good: address space beyond the limit,
/// core dumps, more than a handful of open files, growing files, new privileges; on Linux with
/// Landlock also every change of a file and TCP. To be called before the first thread is started.
///
/// Errors: limit, when a resource limit cannot be set. A kernel without Landlock is no error.
Expected<Seals> apply_limits(const symbols::Hello& wanted);

/// Grants processor time for one more request; when it is used up, the kernel ends the worker.
Status renew_cpu_budget(unsigned seconds);

}  // namespace panicscan::symbolizer
