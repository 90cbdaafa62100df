#pragma once

#include <string>
#include <vector>

#include "base/expected.h"
#include "model/ownership.h"

namespace panicscan::app {

/// What --own and --owners say.
///
/// The file is JSON: {"owners": [{"match": "com.example.driver.*", "team": "@storage"}]}; comments
/// are allowed. `path` may be empty.
/// Errors: usage, when the file cannot be read or says something else.
Expected<Ownership> load_ownership(const std::vector<std::string>& own, const std::string& path);

}  // namespace panicscan::app
