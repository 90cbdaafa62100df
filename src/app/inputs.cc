#include "app/inputs.h"

#include <algorithm>
#include <filesystem>

namespace panicscan::app {
namespace fs = std::filesystem;

namespace {

std::vector<Input> files_below(const std::string& directory, const Limits& limits) {
  std::vector<Input> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(directory, failed), end;
       !failed && entry != end && files.size() < limits.archive_members; entry.increment(failed)) {
    std::error_code ignored;
    if (entry->symlink_status(ignored).type() == fs::file_type::regular)
      files.push_back({entry->path().string(), true});
  }
  std::ranges::sort(files, {}, &Input::path);
  return files;
}

}  // namespace

std::vector<Input> expand_inputs(const std::vector<std::string>& named, const Limits& limits) {
  std::vector<Input> inputs;
  for (const std::string& path : named) {
    std::error_code ignored;
    if (path == "-" || !fs::is_directory(path, ignored)) {
      inputs.push_back({path, false});
      continue;
    }
    auto files = files_below(path, limits);
    if (files.empty()) inputs.push_back({path, false});
    inputs.insert(inputs.end(), files.begin(), files.end());
  }
  return inputs;
}

}  // namespace panicscan::app
