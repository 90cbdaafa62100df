#include "symbolicator/worker/open_gsym.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace panicscan::symbolizer {

using symbols::Bytes;

OpenGsym::~OpenGsym() { close(); }

void OpenGsym::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

bool OpenGsym::read(std::uint64_t offset, std::span<std::uint8_t> into) const {
  while (!into.empty()) {
    const auto count = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
    if (count <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return true;
}

bool OpenGsym::read_index(std::uint64_t size, const Origin& origin) {
  if (size < symbols::kGsymHeaderSize) return false;
  Bytes bytes(symbols::kGsymHeaderSize);
  if (!read(0, bytes)) return false;
  const auto header = symbols::decode_gsym_header(bytes);
  if (!header || header->uuid != origin.uuid || header->source != origin.path ||
      header->source_size != origin.stamp.size || header->source_mtime != origin.stamp.mtime)
    return false;
  const std::uint64_t index_size = symbols::GsymIndex::size(header->ranges, header->chunks);
  if (header->index_offset > size || index_size != size - header->index_offset) return false;
  bytes.resize(index_size);
  if (!read(header->index_offset, bytes)) return false;
  auto index = symbols::decode_gsym_index(bytes, *header);
  if (!index) return false;
  index_ = *std::move(index);
  return true;
}

bool OpenGsym::open(const std::string& path, const Origin& origin) {
  struct stat about{};
  if (fd_ >= 0 && path == path_ && origin == origin_ && ::stat(path.c_str(), &about) == 0 &&
      about.st_dev == device_ && about.st_ino == inode_ && about.st_size == size_)
    return true;
  close();
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0 || ::fstat(fd_, &about) != 0 || !S_ISREG(about.st_mode) ||
      !read_index(static_cast<std::uint64_t>(about.st_size), origin)) {
    close();
    return false;
  }
  path_ = path;
  device_ = about.st_dev;
  inode_ = about.st_ino;
  size_ = about.st_size;
  origin_ = origin;
  return true;
}

std::optional<GsymPiece> OpenGsym::piece(std::uint32_t chunk, Bytes& buffer) const {
  const symbols::GsymChunk& place = index_.chunks[chunk];
  if (buffer.size() < place.size) buffer.resize(place.size);
  const auto bytes = std::span(buffer).first(place.size);
  if (!read(place.offset, bytes) || symbols::checksum_of(bytes) != place.checksum)
    return std::nullopt;
  return split_piece({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace panicscan::symbolizer
