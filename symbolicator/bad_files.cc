#include "symbolicator/bad_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <string_view>
#include <system_error>

#include "base/text.h"

namespace panicscan::symbols {
namespace {

/// Units: bytes. A memory that has grown beyond this is not read: something else is in that file.
constexpr std::uintmax_t kLargestMemory = 4u << 20;

/// Whether the line can be read back: names with line ends are remembered in this process only.
bool fits_a_line(std::string_view text) { return text.find_first_of("\r\n") == text.npos; }

}  // namespace

BadFiles::BadFiles(std::filesystem::path memory) : memory_(std::move(memory)) {
  std::error_code error;
  if (std::filesystem::file_size(memory_, error) > kLargestMemory || error) return;
  std::ifstream in(memory_);
  for (std::string line; std::getline(in, line);) {
    std::string_view rest = line;
    const auto size = consume_decimal(rest);
    const bool first_blank = consume(rest, " ");
    const auto changed = consume_decimal(rest);
    const bool second_blank = consume(rest, " ");
    const auto version = consume_until(rest, " ");
    if (!size || !first_blank || !changed || !second_blank || !version || rest.empty()) continue;
    known_.emplace(rest, *version, *size, static_cast<std::int64_t>(*changed));
  }
}

BadFiles::Key BadFiles::key(const std::string& path, const std::string& version) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  const auto changed = std::filesystem::last_write_time(path, error);
  return {path, version, error ? 0 : size,
          error ? 0 : static_cast<std::int64_t>(changed.time_since_epoch().count())};
}

bool BadFiles::contains(const std::string& path, const std::string& version) const {
  const Key wanted = key(path, version);
  const std::lock_guard lock(mutex_);
  return known_.contains(wanted);
}

void BadFiles::add(const std::string& path, const std::string& version) {
  const Key bad = key(path, version);
  const std::lock_guard lock(mutex_);
  if (!known_.insert(bad).second || memory_.empty()) return;
  if (!fits_a_line(path) || !fits_a_line(version) || version.find(' ') != version.npos) return;
  const std::string line = std::to_string(std::get<2>(bad)) + ' ' +
                           std::to_string(static_cast<std::uint64_t>(std::get<3>(bad))) + ' ' +
                           version + ' ' + path + '\n';
  // One write at the end of the file: lines of two processes do not mix.
  const int fd = ::open(memory_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return;
  [[maybe_unused]] const auto written = ::write(fd, line.data(), line.size());
  ::close(fd);
}

}  // namespace panicscan::symbols
