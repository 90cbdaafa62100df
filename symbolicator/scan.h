#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace panicscan::symbols {

/// What changes when a file does; all that a second run asks about a file it knows.
struct FileStamp {
  std::uint64_t size = 0;  ///< bytes
  std::int64_t mtime = 0;  ///< nanoseconds since 1970
  std::uint64_t inode = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// The stamp in what stat() said.
FileStamp stamp_of(const struct stat& status);

/// A file that may be Mach-O, as far as its name and size tell.
struct ScannedFile {
  std::string path;  ///< canonical: absolute, without links
  FileStamp stamp;
};

struct ScanOptions {
  /// Folders, searched to the bottom, and files, always taken.
  std::vector<std::string> roots;
  /// Searching ends there, with a note.
  std::size_t most_folders = 1'000'000;
};

/// What a search of folders found.
struct Scan {
  std::vector<ScannedFile> files;    ///< sorted by path, each once
  std::vector<std::string> folders;  ///< canonical ones that were searched, none inside another
  std::vector<std::string> single;   ///< paths of those files that lie in none of the folders
  std::vector<std::string> notes;    ///< what could not be looked at, sorted
};

/// Searches folders for symbol files, on several threads; the result does not depend on how many.
///
/// Links are followed, once: what they point at is searched under its own path, unless that was
/// searched already. A link to a folder above a root is a loop and is not followed.
/// Folders' modification times are no help: a file rewritten in place does not change them.
Scan scan_folders(const ScanOptions& options);

/// Whether a file of that name can be a symbol file; false for endings that never are (".plist").
bool may_be_symbol_file(std::string_view name);

}  // namespace panicscan::symbols
