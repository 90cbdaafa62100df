#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace panicscan::testing {

/// Writes kcdata on its own knowledge of the format: shares nothing with the reader.
class KcdataWriter {
 public:
  explicit KcdataWriter(std::uint32_t magic) { header(magic, 0, 0); }

  static std::string le(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
  }
  KcdataWriter& header(std::uint32_t type, std::uint32_t size, std::uint64_t flags) {
    bytes_ += le(type, 4) + le(size, 4) + le(flags, 8);
    return *this;
  }
  KcdataWriter& item(std::uint32_t type, std::string_view data) {
    const std::uint32_t pad = (16 - data.size() % 16) % 16;
    header(type, static_cast<std::uint32_t>(data.size()) + pad, 0x80 | pad);
    bytes_ += data;
    bytes_.append(pad, '\0');
    return *this;
  }
  KcdataWriter& array(std::uint32_t type, std::uint32_t count, std::string_view data) {
    const std::uint32_t pad = (16 - data.size() % 16) % 16;
    header(0x20 + pad, static_cast<std::uint32_t>(data.size()) + pad,
           std::uint64_t{type} << 32 | count);
    bytes_ += data;
    bytes_.append(pad, '\0');
    return *this;
  }
  KcdataWriter& begin(std::uint32_t type, std::uint64_t id) {
    header(0x13, 16, id);
    bytes_ += le(type, 4) + std::string(12, '\0');
    return *this;
  }
  KcdataWriter& end(std::uint64_t id) { return header(0x14, 0, id); }
  std::string take() {
    header(0xf19158ed, 0, 0);
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

}  // namespace panicscan::testing
