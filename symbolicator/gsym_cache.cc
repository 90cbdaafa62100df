#include "symbolicator/gsym_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "symbolicator/cache_folder.h"

namespace panicscan::symbols {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".gsym";
constexpr std::string_view kUnfinished = ".unfinished";
constexpr std::string_view kLock = "conversion.lock";
/// Units: bytes. The address space that a conversion needs beside the file that it maps: a unit for
/// each thread, and the reply. Measured with a dSYM of 367 MB of DWARF: 180 MiB with two threads,
/// 580 MiB with eight, the most that a worker takes by itself, and 64 MiB for base/heap.h; 150 MiB
/// of them are ever touched.
constexpr std::uint64_t kWorkingMemory = std::uint64_t{1} << 30;

Error unreadable(const std::string& path, int why) {
  return {ErrorCode::unreadable, path + ": " + std::strerror(why), {}};
}

/// Held by whoever writes into the folder. Where there are no locks (some network file systems), we
/// go on without: each process writes to a file of its own.
class ConversionLock {
 public:
  ConversionLock(const std::string& folder, const std::function<void()>& waiting) {
    const std::string path = folder + '/' + std::string(kLock);
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ < 0 || ::flock(file_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    if (waiting) waiting();
    while (::flock(file_, LOCK_EX) != 0 && errno == EINTR) continue;
  }
  ~ConversionLock() {
    if (file_ >= 0) ::close(file_);
  }
  ConversionLock(const ConversionLock&) = delete;
  ConversionLock& operator=(const ConversionLock&) = delete;

 private:
  int file_ = -1;
};

/// Writes a cache file piece by piece; removes it again when it is not finished.
class CacheFile {
 public:
  CacheFile(std::string path, GsymHeader header)
      : path_(std::move(path)), header_(std::move(header)) {
    std::error_code ignored;
    fs::remove(path_, ignored);
    out_.open(path_, std::ios::binary | std::ios::out | std::ios::trunc);
    write(Bytes(kGsymHeaderSize));
  }
  ~CacheFile() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  CacheFile(const CacheFile&) = delete;
  CacheFile& operator=(const CacheFile&) = delete;

  void add(const ConvertReply& reply);
  /// Completes the file and gives it its name; false when it could not be written.
  bool finish(const std::string& name);

 private:
  void write(ByteView bytes) {
    out_.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    size_ += bytes.size();
  }

  std::string path_;
  GsymHeader header_;
  std::ofstream out_;
  std::uint64_t size_ = 0;
  GsymIndex index_;
};

void CacheFile::add(const ConvertReply& reply) {
  const auto base = static_cast<std::uint32_t>(index_.chunks.size());
  for (const std::string& chunk : reply.chunks) {
    const ByteView bytes(reinterpret_cast<const std::uint8_t*>(chunk.data()), chunk.size());
    index_.chunks.push_back({size_, static_cast<std::uint32_t>(chunk.size()), checksum_of(bytes)});
    write(bytes);
  }
  for (CodeRange range : reply.ranges) {
    if (range.chunk != CodeRange::kAskDwarf) range.chunk += base;
    index_.ranges.push_back(range);
  }
}

bool CacheFile::finish(const std::string& name) {
  sort_ranges(index_.ranges);
  const Bytes index = encode(index_);
  header_.index_offset = size_;
  header_.ranges = static_cast<std::uint32_t>(index_.ranges.size());
  header_.chunks = static_cast<std::uint32_t>(index_.chunks.size());
  header_.index_checksum = checksum_of(index);
  write(index);
  const auto header = encode(header_);
  if (!header) return false;
  out_.seekp(0);
  write(*header);
  out_.close();
  std::error_code error;
  if (out_) fs::rename(path_, name, error);
  if (!out_ || error) return false;
  path_.clear();
  return true;
}

std::optional<GsymHeader> header_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  Bytes bytes(kGsymHeaderSize);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return in ? decode_gsym_header(bytes) : std::nullopt;
}

std::optional<FileStamp> stamp_at(const std::string& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return std::nullopt;
  return stamp_of(about);
}

/// The files of the folder with one of our endings, by name.
std::vector<std::string> files_in(const std::string& folder, std::string_view ending) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->path().native().ends_with(ending)) found.push_back(at->path().string());
  std::ranges::sort(found);
  return found;
}

}  // namespace

std::optional<GsymCache> GsymCache::usual() {
  const std::string folder = cache_folder();
  if (folder.empty()) return std::nullopt;
  return GsymCache(folder + "/gsym/v1");
}

std::string GsymCache::path_for(const std::string& source, const Uuid& uuid) const {
  const auto stamp = stamp_at(source);
  if (!stamp) return {};
  WireWriter key;
  key.text(source);
  key.u64(stamp->size);
  key.u64(static_cast<std::uint64_t>(stamp->mtime));
  return folder_ + '/' + to_string(uuid) + '-' + hex16(checksum_of(key.take())).substr(2) +
         std::string(kEnding);
}

std::optional<std::string> GsymCache::find(const std::string& source, const Uuid& uuid) const {
  std::string path = path_for(source, uuid);
  // Its time of change says when it was last used; where that cannot be set, it does not matter.
  if (path.empty() || ::access(path.c_str(), R_OK) != 0) return std::nullopt;
  (void)::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return path;
}

Expected<Conversion> GsymCache::build(const std::string& source, const Uuid& uuid,
                                      WorkerPool& workers, std::uint64_t memory,
                                      const std::function<void()>& waiting) const {
  const auto stamp = stamp_at(source);
  if (!stamp) return unreadable(source, errno);
  if (stamp->size + kWorkingMemory > memory)
    return Error{ErrorCode::limit,
                 source + ": " + std::to_string(stamp->size >> 20) +
                     " MiB are more than can be converted in the symbolizer's " +
                     std::to_string(memory >> 20) + " MiB; names are read from the file itself",
                 {}};
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return Error{ErrorCode::unreadable, folder_ + ": " + error.message(), {}};
  const ConversionLock lock(folder_, waiting);
  const std::string path = path_for(source, uuid);
  if (const auto header = header_of(path); header && header->uuid == uuid)
    return Conversion::already_there;

  CacheFile file(path + '.' + std::to_string(::getpid()) + std::string(kUnfinished),
                 {.uuid = uuid,
                  .source_size = stamp->size,
                  .source_mtime = stamp->mtime,
                  .source = source,
                  .index_offset = 0,
                  .ranges = 0,
                  .chunks = 0,
                  .index_checksum = 0});
  for (std::uint32_t unit = 0;;) {
    const auto answer = workers.convert({source, uuid, unit});
    if (const auto* refusal = std::get_if<Refusal>(&answer))
      return Error{ErrorCode::malformed, source + ": " + refusal->message, {}};
    const auto& reply = std::get<ConvertReply>(answer);
    file.add(reply);
    if (reply.next_unit >= reply.units) break;
    if (reply.next_unit <= unit)
      return Error{ErrorCode::malformed, source + ": the symbolizer does not go on", {}};
    unit = reply.next_unit;
  }
  if (!file.finish(path))
    return Error{ErrorCode::unreadable, folder_ + ": the cache file cannot be written", {}};
  return Conversion::made;
}

std::vector<CachedImage> GsymCache::list() const {
  std::vector<CachedImage> images;
  for (std::string& path : files_in(folder_, kEnding)) {
    const auto header = header_of(path);
    const auto own = stamp_at(path);
    if (!header || !own) continue;
    const auto source = stamp_at(header->source);
    const bool is_current =
        source && source->size == header->source_size && source->mtime == header->source_mtime;
    images.push_back({.path = std::move(path),
                      .uuid = header->uuid,
                      .source = header->source,
                      .size = own->size,
                      .is_current = is_current,
                      .used = own->mtime});
  }
  std::ranges::stable_sort(images, [](const CachedImage& a, const CachedImage& b) {
    return std::tie(b.used, a.path) < std::tie(a.used, b.path);
  });
  return images;
}

std::size_t GsymCache::prune(std::uint64_t limit) const {
  std::error_code ignored;
  if (!fs::is_directory(folder_, ignored)) return 0;
  const ConversionLock lock(folder_, {});
  std::size_t removed = 0;
  const auto remove = [&](const std::string& path) {
    if (::unlink(path.c_str()) == 0) ++removed;
  };
  // Nobody writes while we hold the lock: what is unfinished is from a process that was ended.
  for (const std::string& path : files_in(folder_, kUnfinished)) remove(path);
  const std::vector<CachedImage> images = list();
  for (const std::string& path : files_in(folder_, kEnding))
    if (std::ranges::find(images, path, &CachedImage::path) == images.end()) remove(path);
  std::uint64_t total = 0;
  for (const CachedImage& image : images) {
    total += image.size;
    if (!image.is_current || total > limit) {
      total -= image.size;
      remove(image.path);
    }
  }
  return removed;
}

Answer<LookupReply> look_up_cached(const GsymCache& cache, WorkerPool& workers,
                                   const LookupRequest& request) {
  const auto path = cache.find(request.path, request.uuid);
  if (!path) return workers.look_up(request);
  LookupRequest with_cache = request;
  with_cache.cache = *path;
  auto answer = workers.look_up(with_cache);
  const auto* reply = std::get_if<LookupReply>(&answer);
  const auto* refusal = std::get_if<Refusal>(&answer);
  const bool has_died = refusal != nullptr && refusal->reason == Refusal::Reason::symbolizer_failed;
  if (has_died || (reply != nullptr && reply->cache == CacheUse::useless))
    (void)::unlink(path->c_str());
  return has_died ? workers.look_up(request) : std::move(answer);
}

}  // namespace panicscan::symbols
