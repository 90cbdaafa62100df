#include "symbolicator/worker/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace panicscan::symbolizer {
namespace {

Error unreadable(const std::string& path, std::string_view why) {
  return {ErrorCode::unreadable, path + ": " + std::string(why), {}};
}

}  // namespace

Expected<MappedFile> MappedFile::open(const std::string& path) {
  // O_NONBLOCK: opening a named pipe that nobody writes to must not wait for ever.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return unreadable(path, std::strerror(errno));
  struct stat about{};
  if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
    ::close(fd);
    return unreadable(path, "not a regular file");
  }
  const auto size = static_cast<std::size_t>(about.st_size);
  if (size == 0) {
    ::close(fd);
    return MappedFile(std::string_view{});
  }
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  const int why = errno;
  ::close(fd);
  if (start == MAP_FAILED) return unreadable(path, std::strerror(why));
  return MappedFile(std::string_view(static_cast<const char*>(start), size));
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace panicscan::symbolizer
