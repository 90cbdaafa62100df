#include "symbolicator/worker/macho_file.h"

#include <algorithm>
#include <array>

#include "symbolicator/architecture.h"
#include "symbolicator/worker/byte_order.h"

namespace panicscan::symbolizer {
namespace {

constexpr std::uint32_t kMagic64 = 0xfeedfacf;
constexpr std::uint32_t kUniversal32 = 0xcafebabe;
constexpr std::uint32_t kUniversal64 = 0xcafebabf;
/// Java class files share a universal file's magic; where they keep their version (45 and up) a
/// universal file has its number of slices.
constexpr std::uint32_t kMostSlices = 32;
/// A boot kernel collection has some hundreds of entries and some 100 KB of load commands.
constexpr std::size_t kMostEntries = 4096;
constexpr std::uint32_t kLongestCommands = 4u << 20;

constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kSegmentSize = 72;
constexpr std::size_t kSectionSize = 80;

enum Command : std::uint32_t {
  kSymtab = 0x2,
  kSegment64 = 0x19,
  kUuid = 0x1b,
  kFunctionStarts = 0x26,
  kFilesetEntry = 0x80000035,
};

/// S_ATTR_PURE_INSTRUCTIONS and S_ATTR_SOME_INSTRUCTIONS.
constexpr std::uint32_t kCodeAttributes = 0x80000400;

/// A name in a field of sixteen bytes, which need not end in a zero.
std::string fixed_name(std::string_view bytes, std::size_t offset) {
  const std::string_view field = bytes.substr(std::min(offset, bytes.size()), 16);
  return std::string(field.substr(0, field.find('\0')));
}

Error malformed(std::string_view what) { return {ErrorCode::malformed, std::string(what), {}}; }

void read_segment(std::string_view command, Image& image) {
  symbols::Segment segment;
  segment.name = fixed_name(command, 8);
  segment.address = {little<std::uint64_t>(command, 24)};
  segment.size = little<std::uint64_t>(command, 32);
  segment.protection = little<std::uint32_t>(command, 60);
  if (segment.name == "__TEXT") image.text = segment.address;

  const std::size_t sections = std::min<std::size_t>(
      little<std::uint32_t>(command, 64), (command.size() - kSegmentSize) / kSectionSize);
  for (std::size_t i = 0; i < sections; ++i) {
    const std::string_view at = command.substr(kSegmentSize + i * kSectionSize, kSectionSize);
    Section section{.segment = fixed_name(at, 16),
                    .name = fixed_name(at, 0),
                    .address = {little<std::uint64_t>(at, 32)},
                    .size = little<std::uint64_t>(at, 40),
                    .content = {little<std::uint32_t>(at, 48), 0},
                    .has_code = (little<std::uint32_t>(at, 64) & kCodeAttributes) != 0};
    if (section.content.offset != 0) section.content.size = section.size;
    if (section.name == "__debug_info" && section.size > 0) image.facts.has_dwarf = true;
    image.sections.push_back(std::move(section));
  }
  image.facts.segments.push_back(std::move(segment));
}

/// An entry of a fileset: its identifier, and where in the slice its header stands.
struct EntryPlace {
  std::string name;
  std::uint64_t offset = 0;
};

EntryPlace read_entry(std::string_view command) {
  EntryPlace entry;
  entry.offset = little<std::uint64_t>(command, 16);
  const std::uint32_t name = little<std::uint32_t>(command, 24);
  if (name < command.size()) {
    const std::string_view text = command.substr(name);
    entry.name = std::string(text.substr(0, text.find('\0')));
  }
  return entry;
}

/// Reads the header at `offset` of a slice; the places of a fileset's entries go to `entries`.
Expected<Image> read_image(std::string_view slice, std::uint64_t offset,
                           std::vector<EntryPlace>* entries) {
  if (offset > slice.size() || slice.size() - offset < kHeaderSize)
    return malformed("the Mach-O header is cut short");
  const std::string_view at = slice.substr(offset);
  if (little<std::uint32_t>(at, 0) != kMagic64) return malformed("not a 64-bit Mach-O header");
  Image image;
  image.facts.arch =
      symbols::architecture_name(little<std::uint32_t>(at, 4), little<std::uint32_t>(at, 8));
  image.facts.file_type = little<std::uint32_t>(at, 12);
  const std::uint32_t length = little<std::uint32_t>(at, 20);
  if (length > at.size() - kHeaderSize || length > kLongestCommands)
    return malformed("the load commands do not fit");

  std::string_view commands = at.substr(kHeaderSize, length);
  for (std::uint32_t left = little<std::uint32_t>(at, 16); left > 0 && commands.size() >= 8;
       --left) {
    const std::uint32_t size = little<std::uint32_t>(commands, 4);
    if (size < 8 || size > commands.size()) return malformed("a load command has no possible size");
    const std::string_view command = commands.substr(0, size);
    commands.remove_prefix(size);
    switch (little<std::uint32_t>(command, 0)) {
      case kSegment64:
        if (size < kSegmentSize) return malformed("a segment command is cut short");
        read_segment(command, image);
        break;
      case kUuid: {
        Uuid uuid;
        if (size < 24) return malformed("a UUID command is cut short");
        std::copy_n(command.begin() + 8, uuid.bytes.size(), uuid.bytes.begin());
        image.facts.uuid = uuid;
        break;
      }
      case kSymtab:
        image.symbols = {little<std::uint32_t>(command, 8),
                         std::uint64_t{little<std::uint32_t>(command, 12)} * 16};
        image.strings = {little<std::uint32_t>(command, 16), little<std::uint32_t>(command, 20)};
        image.facts.has_symbols = image.symbols.size > 0;
        break;
      case kFunctionStarts:
        image.function_starts = {little<std::uint32_t>(command, 8),
                                 little<std::uint32_t>(command, 12)};
        break;
      case kFilesetEntry:
        if (entries != nullptr && entries->size() < kMostEntries)
          entries->push_back(read_entry(command));
        break;
      default:
        break;
    }
  }
  return image;
}

Expected<ImageSlice> read_slice(std::string_view bytes) {
  ImageSlice slice{.bytes = bytes, .image = {}, .entries = {}};
  std::vector<EntryPlace> places;
  auto image = read_image(bytes, 0, &places);
  if (!image) return image.error();
  slice.image = *std::move(image);
  for (EntryPlace& place : places) {
    auto entry = read_image(bytes, place.offset, nullptr);
    if (!entry) continue;  // its name would have nothing to say
    entry->facts.name = std::move(place.name);
    slice.entries.push_back(*std::move(entry));
  }
  return slice;
}

Expected<std::vector<ImageSlice>> read_universal(std::string_view file, bool wide) {
  std::vector<ImageSlice> slices;
  const std::uint32_t count = big<std::uint32_t>(file, 4);
  const std::size_t row = wide ? 32 : 20;
  std::optional<Error> first_error;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t at = 8 + i * row;
    const Extent extent =
        wide ? Extent{big<std::uint64_t>(file, at + 8), big<std::uint64_t>(file, at + 16)}
             : Extent{big<std::uint32_t>(file, at + 8), big<std::uint32_t>(file, at + 12)};
    const std::string_view bytes = part_of(file, extent);
    if (!bytes.empty() && little<std::uint32_t>(bytes, 0) != kMagic64) {
      ImageSlice other;
      other.image.facts.arch = symbols::architecture_name(big<std::uint32_t>(file, at),
                                                          big<std::uint32_t>(file, at + 4));
      slices.push_back(std::move(other));
      continue;
    }
    auto slice = read_slice(bytes);
    if (slice)
      slices.push_back(*std::move(slice));
    else if (!first_error)
      first_error = slice.error();
  }
  if (slices.empty()) return first_error.value_or(malformed("a universal file without slices"));
  return slices;
}

}  // namespace

std::string_view part_of(std::string_view slice, Extent extent) {
  if (extent.offset >= slice.size()) return {};
  return slice.substr(extent.offset, extent.size);
}

Expected<std::vector<ImageSlice>> read_macho(std::string_view file) {
  const std::uint32_t universal = big<std::uint32_t>(file, 0);
  if ((universal == kUniversal32 || universal == kUniversal64) &&
      big<std::uint32_t>(file, 4) <= kMostSlices)
    return read_universal(file, universal == kUniversal64);
  if (little<std::uint32_t>(file, 0) != kMagic64)
    return Error{ErrorCode::unknown_format, "not a 64-bit Mach-O file", {}};
  auto slice = read_slice(file);
  if (!slice) return slice.error();
  std::vector<ImageSlice> slices;
  slices.push_back(*std::move(slice));
  return slices;
}

std::optional<FoundImage> find_image(const std::vector<ImageSlice>& slices, const Uuid& uuid) {
  const auto fits = [&](const Image& image) { return image.facts.uuid.value_or(Uuid{}) == uuid; };
  for (const ImageSlice& slice : slices)
    if (fits(slice.image)) return FoundImage{&slice, &slice.image};
  for (const ImageSlice& slice : slices)
    for (const Image& entry : slice.entries)
      if (fits(entry)) return FoundImage{&slice, &entry};
  return std::nullopt;
}

}  // namespace panicscan::symbolizer
