#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

namespace panicscan::symbols {

/// Remembers the files that ended a symbolizer, so that each costs one worker and not one for each
/// report. A file counts as another one when its size or time of change differ, or when another
/// version of the symbolizer reads it. Safe to use from several threads, and its file from several
/// processes.
class BadFiles {
 public:
  /// For this process only.
  BadFiles() = default;
  /// Also in a file of lines "size changed version path", which may be deleted at any time. A file
  /// that cannot be read or written is no error: the memory then is this process's alone.
  explicit BadFiles(std::filesystem::path memory);

  bool contains(const std::string& path, const std::string& version) const;
  void add(const std::string& path, const std::string& version);

 private:
  /// Path, version, size in bytes, time of change in ticks of the file clock.
  using Key = std::tuple<std::string, std::string, std::uint64_t, std::int64_t>;

  static Key key(const std::string& path, const std::string& version);

  std::filesystem::path memory_;
  mutable std::mutex mutex_;
  std::set<Key> known_;
};

}  // namespace panicscan::symbols
