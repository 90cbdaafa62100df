#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "symbolicator/macho_writer.h"

namespace panicscan::symbols::test {

using Writer = symbolizer::test::MachOWriter;

/// A UUID that tells where it comes from.
inline Uuid uuid_of(std::uint32_t number) {
  Uuid uuid;
  uuid.bytes[0] = 0xab;
  for (std::size_t i = 0; i < 4; ++i)
    uuid.bytes[12 + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return uuid;
}

inline std::string uuid_command(const Uuid& uuid) {
  return Writer()
      .u32(0x1b)
      .u32(24)
      .append({reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()})
      .bytes();
}

/// A segment with one section, which has `size` bytes.
inline std::string section(std::string_view segment, std::string_view name, std::uint64_t size) {
  Writer out;
  out.u32(0x19).u32(72 + 80).name(segment);
  out.u64(0x1000).u64(size).u64(0).u64(0).u32(7).u32(5).u32(1).u32(0);
  out.name(name).name(segment);
  out.u64(0x1000).u64(size).u32(0).u32(0).u32(0).u32(0).u32(0).u32(0).u32(0).u32(0);
  return out.bytes();
}

inline std::string fileset_entry(std::string_view name, std::uint64_t offset) {
  const auto size = static_cast<std::uint32_t>((32 + name.size() + 8) / 8 * 8);
  Writer out;
  out.u32(0x80000035).u32(size).u64(0xfffffe0007004000).u64(offset).u32(32).u32(0).append(name);
  return out.append(std::string(size - 32 - name.size(), '\0')).bytes();
}

/// A kext, or with 10 a dSYM, or with 12 a fileset.
inline std::string image(std::uint32_t file_type, const Uuid& uuid,
                         std::vector<std::string> more = {}) {
  more.push_back(uuid_command(uuid));
  return symbolizer::test::image(file_type, more);
}

inline std::string dsym(const Uuid& uuid) {
  return image(10, uuid, {section("__DWARF", "__debug_info", 64)});
}

inline std::string kext(const Uuid& uuid) {
  return image(11, uuid, {symbolizer::test::symtab_command(4096, 12, 8192, 64)});
}

struct UniversalSlice {
  std::uint32_t type, subtype;
  std::string bytes;
};

/// A universal file, its slices 4 KiB apart.
inline std::string universal(const std::vector<UniversalSlice>& slices, bool wide = false) {
  const auto big = [](std::uint64_t value, int width) {
    std::string bytes;
    for (int i = width - 1; i >= 0; --i) bytes.push_back(static_cast<char>(value >> (8 * i)));
    return bytes;
  };
  std::string file = big(wide ? 0xcafebabf : 0xcafebabe, 4) + big(slices.size(), 4);
  std::uint64_t offset = 4096;
  for (const UniversalSlice& slice : slices) {
    const int width = wide ? 8 : 4;
    file += big(slice.type, 4) + big(slice.subtype, 4) + big(offset, width) +
            big(slice.bytes.size(), width) + big(12, 4) + (wide ? big(0, 4) : "");
    offset += 4096 * (slice.bytes.size() / 4096 + 1);
  }
  for (const UniversalSlice& slice : slices) {
    file.resize((file.size() + 4095) / 4096 * 4096);
    file += slice.bytes;
  }
  return file;
}

}  // namespace panicscan::symbols::test
