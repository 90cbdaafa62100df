#pragma once

#include <string>
#include <vector>

#include "base/limits.h"

namespace panicscan::app {

/// One thing to analyse.
struct Input {
  std::string path;
  /// Found in a directory rather than named: being no report is then no error.
  bool found_in_directory = false;
};

/// What the command line names, with directories replaced by the files below them in the order of
/// their paths; symbolic links in them are not followed. Of one directory at most archive-members
/// files are taken. Unreadable directories stay in the list as they are, so that reading them gives
/// the error.
std::vector<Input> expand_inputs(const std::vector<std::string>& named, const Limits& limits = {});

}  // namespace panicscan::app
