#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/uuid.h"
#include "symbolicator/gsym_file.h"
#include "symbolicator/worker_pool.h"

namespace panicscan::symbols {

/// One image in the cache.
struct CachedImage {
  std::string path;  ///< of the cache file
  Uuid uuid;
  std::string source;       ///< what it was made of
  std::uint64_t size = 0;   ///< bytes
  bool is_current = false;  ///< the source is there, and as it was
  std::int64_t used = 0;    ///< when it was last of use: nanoseconds since 1970
};

/// What became of a conversion.
enum class Conversion { made, already_there };

/// The DWARF of images in a form that is quick to look up, made on request.
///
/// A cache file is named after the UUID and the path, size and time of change of the file it was
/// made of, so that a file that changed has no cache. It is written under another name and renamed
/// when it is complete. Everything here may be deleted, renamed or damaged at any time, by any
/// number of processes: names and lines stay the same, they only take longer.
class GsymCache {
 public:
  /// `folder` need not exist; it is made with the first cache file.
  explicit GsymCache(std::string folder) : folder_(std::move(folder)) {}
  /// The usual place, `gsym/v1` in the cache folder; nothing when there is no home.
  static std::optional<GsymCache> usual();

  const std::string& folder() const { return folder_; }
  /// The cache file for an image of a symbol file, made or not; empty when there is no such file.
  std::string path_for(const std::string& source, const Uuid& uuid) const;
  /// The same when there is one. Marks it as used.
  std::optional<std::string> find(const std::string& source, const Uuid& uuid) const;

  /// Makes the cache file of an image. Only one conversion runs at a time in all processes that
  /// share the folder: `waiting` is called when another one is to be waited for.
  ///
  /// Errors: unreadable, when the source cannot be read or the cache not be written; limit, when
  /// the source is larger than a worker may map, or than `limit` lets the cache be; malformed, when
  /// the symbolizer finds no DWARF in it, or died of it.
  Expected<Conversion> build(const std::string& source, const Uuid& uuid, WorkerPool& workers,
                             std::uint64_t memory, const std::function<void()>& waiting) const;

  /// All images, the one used last first; then by path.
  std::vector<CachedImage> list() const;
  /// Removes the images that were not used for longest until the rest has at most that many bytes;
  /// files that are damaged or left over, too. How many files were removed.
  std::size_t prune(std::uint64_t limit) const;

 private:
  std::string folder_;
};

/// Asks about addresses, by way of the cache where there is one. A cache file that is damaged, or
/// that ended the symbolizer, is removed, and the symbol file is asked instead.
Answer<LookupReply> look_up_cached(const GsymCache& cache, WorkerPool& workers,
                                   const LookupRequest& request);

}  // namespace panicscan::symbols
