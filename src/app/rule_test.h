#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"

namespace panicscan::app {

/// An incident whose answer is known: a folder with expected.json, as samples/lab writes it.
struct ExpectedIncident {
  std::string folder;                  ///< name of the folder
  std::string report;                  ///< path of the file it begins with
  std::vector<std::string> beside;     ///< paths of its other files, joined to it
  std::string rule;                    ///< that should come first; empty: no finding
  std::vector<std::string> certainty;  ///< any of these; empty: any
  std::vector<std::string> must_not;   ///< rules that must not fire: it is a near miss of theirs
  std::vector<std::string> says;       ///< what the finding's texts must have in them
  std::vector<std::pair<std::string, std::string>> captures;
  std::string function, file;  ///< of the frame to blame; empty: not looked at
  std::uint64_t line = 0;
  std::vector<std::string> cycle;  ///< ids of threads that wait for one another; empty: any
};

/// Reads DIR/*/expected.json, in the order of the folders' names.
/// Errors: DIR or one of the files cannot be read or is not what the lab writes.
Expected<std::vector<ExpectedIncident>> read_incidents(const std::string& directory);

}  // namespace panicscan::app
