#include "symbolicator/macho_header.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "symbolicator/architecture.h"

// Source: mach-o/loader.h and mach-o/fat.h of xnu.

namespace panicscan::symbols {
namespace {

constexpr std::uint32_t kMagic32 = 0xfeedface;
constexpr std::uint32_t kMagic64 = 0xfeedfacf;
constexpr std::uint32_t kUniversal32 = 0xcafebabe;
constexpr std::uint32_t kUniversal64 = 0xcafebabf;
/// Java class files share a universal file's magic; where they keep their version (45 and up) a
/// universal file has its number of slices.
constexpr std::uint32_t kMostSlices = 32;
/// A boot kernel collection has some hundreds of entries.
constexpr std::size_t kMostEntries = 4096;

/// Units: bytes. The header and load commands of nearly every image fit in the first read.
constexpr std::size_t kFirstRead = 4096;
constexpr std::size_t kMostCommands = 64u << 10;
constexpr std::size_t kMostFilesetCommands = 1u << 20;
/// Of one file, so that a hostile fileset cannot send us around for gigabytes.
constexpr std::size_t kMostOfAFile = 16u << 20;

enum Command : std::uint32_t {
  kSegment32 = 0x1,
  kSymtab = 0x2,
  kSegment64 = 0x19,
  kUuid = 0x1b,
  kFilesetEntry = 0x80000035,
};

/// Numbers out of bytes; what lies past the end is zero.
class Fields {
 public:
  explicit Fields(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::size_t size() const { return bytes_.size(); }
  std::uint32_t u32(std::size_t at) const { return static_cast<std::uint32_t>(little(at, 4)); }
  std::uint64_t u64(std::size_t at) const { return little(at, 8); }
  std::uint32_t big32(std::size_t at) const { return __builtin_bswap32(u32(at)); }
  std::uint64_t big64(std::size_t at) const { return __builtin_bswap64(u64(at)); }
  Fields part(std::size_t at, std::size_t size) const {
    const std::size_t from = std::min(at, bytes_.size());
    return Fields(bytes_.subspan(from, std::min(size, bytes_.size() - from)));
  }
  Fields after(std::size_t at) const { return part(at, bytes_.size()); }
  /// The characters from `at` up to a zero, `most` characters or the end.
  std::string text(std::size_t at, std::size_t most) const {
    const std::span<const std::uint8_t> bytes = part(at, most).bytes_;
    return {bytes.begin(), std::ranges::find(bytes, 0)};
  }
  std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  std::uint64_t little(std::size_t at, std::size_t width) const {
    if (at > bytes_.size() || bytes_.size() - at < width) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= std::uint64_t{bytes_[at + i]} << (8 * i);
    return value;
  }

  std::span<const std::uint8_t> bytes_;
};

/// Where a fileset's entry has its header, counted from the start of the slice.
struct EntryPlace {
  std::string name;
  std::uint64_t offset = 0;
};

/// An image's header and the entries its load commands name.
struct Image {
  MachoHeader header;
  bool has_uuid = false;
  std::vector<EntryPlace> entries;
};

void read_segment(const Fields& command, bool wide, MachoHeader& header) {
  const std::size_t first = wide ? 72 : 56;
  const std::size_t each = wide ? 80 : 68;
  if (command.size() < first) return;
  const std::size_t sections =
      std::min<std::size_t>(command.u32(wide ? 64 : 48), (command.size() - first) / each);
  for (std::size_t i = 0; i < sections; ++i) {
    const Fields section = command.part(first + i * each, each);
    const std::uint64_t size = wide ? section.u64(40) : section.u32(36);
    if (size > 0 && section.text(0, 16) == "__debug_info") header.has_dwarf = true;
  }
}

EntryPlace read_entry(const Fields& command) {
  return {command.text(command.u32(24), command.size()), command.u64(16)};
}

/// Reads one file, within its budget.
class HeaderReader {
 public:
  explicit HeaderReader(const ReadAt& read) : read_(read) {}

  Expected<MachoHeaders> file() {
    const std::vector<std::uint8_t> bytes = bytes_at(0, 8);
    const Fields start(bytes);
    const std::uint32_t universal = start.big32(0);
    if ((universal == kUniversal32 || universal == kUniversal64) && start.big32(4) <= kMostSlices) {
      read_universal(start.big32(4), universal == kUniversal64);
    } else if (start.u32(0) == kMagic32 || start.u32(0) == kMagic64) {
      read_slice(0);
    } else {
      return Error{ErrorCode::unknown_format, "not a Mach-O file", {}};
    }
    return std::move(found_);
  }

 private:
  std::vector<std::uint8_t> bytes_at(std::uint64_t offset, std::size_t size) {
    if (size > budget_) {
      problem("more headers than are read of one file");
      size = budget_;
    }
    budget_ -= size;
    std::vector<std::uint8_t> bytes(size);
    bytes.resize(std::min(size, size == 0 ? 0 : read_(offset, bytes)));
    return bytes;
  }

  void problem(std::string_view what) {
    if (found_.problem.empty()) found_.problem = what;
  }

  void read_universal(std::uint32_t count, bool wide) {
    const std::size_t row = wide ? 32 : 20;
    const std::vector<std::uint8_t> bytes = bytes_at(8, count * row);
    if (bytes.size() < count * row) problem("the table of slices is cut short");
    for (std::size_t at = 0; at + row <= bytes.size(); at += row) {
      const Fields slice = Fields(bytes).part(at, row);
      read_slice(wide ? slice.big64(8) : slice.big32(8));
    }
  }

  void read_slice(std::uint64_t offset) {
    std::optional<Image> image = read_image(offset);
    if (!image) return;
    add(*image);
    for (EntryPlace& place : image->entries) {
      if (place.offset > ~std::uint64_t{0} - offset) continue;
      std::optional<Image> entry = read_image(offset + place.offset);
      if (!entry) continue;
      entry->header.name = std::move(place.name);
      add(*entry);
    }
  }

  void add(const Image& image) {
    if (image.has_uuid) found_.images.push_back(image.header);
  }

  /// The image whose header stands at `offset`; nothing, and a problem, when there is none.
  std::optional<Image> read_image(std::uint64_t offset) {
    std::vector<std::uint8_t> bytes = bytes_at(offset, kFirstRead);
    Fields header(bytes);
    const bool wide = header.u32(0) == kMagic64;
    const std::size_t header_size = wide ? 32 : 28;
    if ((!wide && header.u32(0) != kMagic32) || header.size() < header_size) {
      problem(header.size() < header_size ? "a header is cut short" : "a header is missing");
      return std::nullopt;
    }
    Image image;
    image.header.arch = architecture_name(header.u32(4), header.u32(8));
    image.header.file_type = header.u32(12);
    const std::uint32_t count = header.u32(16);
    const std::size_t length = header.u32(20);
    const std::size_t most =
        image.header.file_type == kMachoFileset ? kMostFilesetCommands : kMostCommands;
    if (header_size + length > bytes.size() && bytes.size() == kFirstRead) {
      bytes = bytes_at(offset, header_size + std::min(length, most));
      header = Fields(bytes);
    }
    if (header.size() < header_size || header.size() - header_size < std::min(length, most))
      problem("the load commands are cut short");
    else if (length > most)
      problem("more load commands than are read");
    read_commands(header.part(header_size, std::min(length, most)), count, wide, image);
    return image;
  }

  void read_commands(Fields rest, std::uint32_t count, bool wide, Image& image) {
    for (; count > 0 && rest.size() >= 8; --count) {
      const std::uint32_t size = rest.u32(4);
      if (size < 8 || size > rest.size()) {
        problem("a load command has an impossible size");
        return;
      }
      const Fields command = rest.part(0, size);
      rest = rest.after(size);
      switch (command.u32(0)) {
        case kSegment32:
        case kSegment64:
          if ((command.u32(0) == kSegment64) == wide) read_segment(command, wide, image.header);
          break;
        case kSymtab:
          image.header.has_symbols = command.u32(12) > 0;
          break;
        case kUuid:
          if (size < 24) {
            problem("a UUID is cut short");
            break;
          }
          std::ranges::copy(command.bytes().subspan(8, 16), image.header.uuid.bytes.begin());
          image.has_uuid = !image.header.uuid.is_zero();
          break;
        case kFilesetEntry:
          if (image.header.file_type == kMachoFileset && image.entries.size() < kMostEntries)
            image.entries.push_back(read_entry(command));
          break;
        default:
          break;
      }
    }
  }

  const ReadAt& read_;
  std::size_t budget_ = kMostOfAFile;
  MachoHeaders found_;
};

}  // namespace

Expected<MachoHeaders> read_macho_headers(const ReadAt& read) { return HeaderReader(read).file(); }

}  // namespace panicscan::symbols
