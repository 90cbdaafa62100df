#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/expected.h"
#include "symbolicator/macho_header.h"
#include "symbolicator/scan.h"

namespace panicscan::symbols {

/// What reading a file's headers gave, and the stamp it had then.
struct IndexedFile {
  FileStamp stamp;
  MachoHeaders headers;   ///< no images: not Mach-O, or nothing with a UUID
  std::string bundle_id;  ///< what the Info.plist of its bundle says, else empty
};

/// A file that was read anew.
struct ChangedFile {
  std::string path;
  const IndexedFile* known = nullptr;  ///< never null in what is stored
};

using IndexedFiles = std::unordered_map<std::string, IndexedFile>;

/// Remembers headers from one run to the next, in an SQLite file.
///
/// Losing it, or any part of it, costs time and nothing else: every row carries a checksum, a row
/// or a file that is damaged is dropped, a file of another program or version is replaced. Several
/// processes may use it at once; the folder may be on a file system without locks.
class UuidIndex {
 public:
  /// `folder` is made when something is to be written.
  explicit UuidIndex(std::string folder);

  /// What is known of files in these folders, and of these single files; nothing when there is no
  /// index yet.
  ///
  /// Errors: unreadable, when the index cannot be opened or is busy for too long.
  Expected<IndexedFiles> load(std::span<const std::string> folders,
                              std::span<const std::string> files) const;

  /// Replaces what is known of `changed`, forgets `removed`; all of it or nothing.
  ///
  /// Errors: unreadable, when the folder cannot be written or the index is busy for too long.
  Status store(const std::vector<ChangedFile>& changed,
               const std::vector<std::string>& removed) const;

  /// The file, for people who ask.
  const std::string& path() const { return path_; }

 private:
  std::string folder_;
  std::string path_;
};

}  // namespace panicscan::symbols
