#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <stdlib.h>
#include <unistd.h>

namespace panicscan::symbols::test {

/// A folder that is gone when the test is; in memory where that can be had, since some file systems
/// take milliseconds for each file that is closed.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    namespace fs = std::filesystem;
    const fs::path memory = "/dev/shm";
    std::error_code ignored;
    const bool in_memory = fs::is_directory(memory, ignored) && ::access(memory.c_str(), W_OK) == 0;
    std::string name =
        ((in_memory ? memory : fs::temp_directory_path()) / "panicscan-test-XXXXXX").string();
    path_ = std::filesystem::canonical(::mkdtemp(name.data()));
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// The path of something in it, which need not be there.
  std::string at(std::string_view inside) const { return (path_ / inside).string(); }
  std::string path() const { return path_.string(); }

  /// Makes a file, and the folders it stands in.
  std::string write(std::string_view inside, std::string_view bytes) const {
    const std::filesystem::path file = path_ / inside;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    return file.string();
  }

 private:
  std::filesystem::path path_;
};

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace panicscan::symbols::test
