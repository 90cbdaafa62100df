#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace panicscan::symbolizer::test {

/// Appends little-endian numbers and padded names: Mach-O by hand.
class MachOWriter {
 public:
  MachOWriter& u8(std::uint8_t v) { return number(v, 1); }
  MachOWriter& u16(std::uint16_t v) { return number(v, 2); }
  MachOWriter& u32(std::uint32_t v) { return number(v, 4); }
  MachOWriter& u64(std::uint64_t v) { return number(v, 8); }
  MachOWriter& name(std::string_view text) {
    bytes_.append(text).append(16 - text.size(), '\0');
    return *this;
  }
  MachOWriter& append(std::string_view bytes) {
    bytes_.append(bytes);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  MachOWriter& number(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
    return *this;
  }
  std::string bytes_;
};

/// A header, and its load commands after it.
inline std::string image(std::uint32_t file_type, const std::vector<std::string>& commands) {
  std::string body;
  for (const std::string& command : commands) body += command;
  return MachOWriter()
      .u32(0xfeedfacf)
      .u32(0x0100000c)
      .u32(0xc0000002)
      .u32(file_type)
      .u32(static_cast<std::uint32_t>(commands.size()))
      .u32(static_cast<std::uint32_t>(body.size()))
      .u64(0)
      .append(body)
      .bytes();
}

/// A segment with one section of code that fills it.
inline std::string code_segment(std::string_view name, std::uint64_t address, std::uint64_t size) {
  return MachOWriter()
      .u32(0x19)
      .u32(72 + 80)
      .name(name)
      .u64(address)
      .u64(size)
      .u64(0)
      .u64(0)
      .u32(5)
      .u32(5)
      .u32(1)
      .u32(0)
      .name("__text")
      .name(name)
      .u64(address)
      .u64(size)
      .u32(0)
      .u32(2)
      .u64(0)
      .u32(0x80000400)
      .u32(0)
      .u64(0)
      .bytes();
}

inline std::string uuid_command(std::uint8_t last) {
  return MachOWriter().u32(0x1b).u32(24).u64(0).u32(0).u8(0).u8(0).u8(0).u8(last).bytes();
}

inline std::string symtab_command(std::uint32_t symbols, std::uint32_t count, std::uint32_t strings,
                                  std::uint32_t size) {
  return MachOWriter().u32(2).u32(24).u32(symbols).u32(count).u32(strings).u32(size).bytes();
}

inline std::string function_starts_command(std::uint32_t offset, std::uint32_t size) {
  return MachOWriter().u32(0x26).u32(16).u32(offset).u32(size).bytes();
}

}  // namespace panicscan::symbolizer::test
