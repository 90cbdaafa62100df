#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/uuid.h"
#include "symbolicator/gsym_file.h"
#include "symbolicator/scan.h"
#include "symbolicator/worker/gsym_piece.h"

namespace panicscan::symbolizer {

/// A cache file, kept open from one request to the next. It is read, not mapped: what was checked
/// is what is used, whatever becomes of the file meanwhile.
class OpenGsym {
 public:
  /// The symbol file that a cache must have been made of to be of use.
  struct Origin {
    std::string path;
    symbols::FileStamp stamp;
    Uuid uuid;

    friend bool operator==(const Origin&, const Origin&) = default;
  };

  OpenGsym() = default;
  ~OpenGsym();
  OpenGsym(const OpenGsym&) = delete;
  OpenGsym& operator=(const OpenGsym&) = delete;

  /// Opens a file, unless it is the one that is open: cache files are replaced, never changed, but
  /// for the time of their last use. False when it is missing, damaged, or was made of another file
  /// or of one that has changed since.
  bool open(const std::string& path, const Origin& origin);
  const symbols::GsymIndex& index() const { return index_; }
  /// Reads a piece into `buffer`, which may be larger; nothing when the piece is damaged. Several
  /// threads may.
  std::optional<GsymPiece> piece(std::uint32_t chunk, symbols::Bytes& buffer) const;

 private:
  bool read(std::uint64_t offset, std::span<std::uint8_t> into) const;
  bool read_index(std::uint64_t size, const Origin& origin);
  void close();

  int fd_ = -1;
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  off_t size_ = 0;
  Origin origin_;
  symbols::GsymIndex index_;
};

}  // namespace panicscan::symbolizer
