#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "base/uuid.h"
#include "model/address.h"
#include "symbolicator/protocol.h"

namespace panicscan::symbolizer {

// Reads the headers of 64-bit little-endian Mach-O files. LLVM is not asked: identifying thousands
// of files, and naming functions of those without DWARF, needs little more than a page of each,
// and every access here is checked.
//
// Source: mach-o/loader.h, mach-o/fat.h, mach-o/nlist.h of the macOS SDK.

/// A part of a slice.
struct Extent {
  std::uint64_t offset = 0;  ///< bytes, from the start of the slice
  std::uint64_t size = 0;    ///< bytes
};

struct Section {
  std::string segment;
  std::string name;
  FileAddress address;
  std::uint64_t size = 0;  ///< bytes
  Extent content;          ///< none for a section that is only zeros, or was left out
  bool has_code = false;

  bool holds(FileAddress at) const { return at >= address && at.value - address.value < size; }
};

/// One Mach-O header and where its tables are.
struct Image {
  symbols::MachImage facts;
  std::vector<Section> sections;  ///< in file order: nlist entries count them from 1
  Extent symbols;                 ///< nlist_64 entries
  Extent strings;
  Extent function_starts;  ///< LC_FUNCTION_STARTS: ULEB128 distances from `text`
  FileAddress text;        ///< where the segment that maps the header begins
};

/// One architecture of a file.
struct ImageSlice {
  std::string_view bytes;      ///< of the slice, in the file
  Image image;                 ///< its header
  std::vector<Image> entries;  ///< the images of a fileset; their tables may be shared
};

/// An image, and the bytes its extents count in.
struct FoundImage {
  const ImageSlice* slice = nullptr;
  const Image* image = nullptr;

  /// Whether it is a whole slice, not a part of a fileset.
  bool is_slice() const { return image == &slice->image; }
};

/// Every slice of a thin or universal file. A slice of another kind (32-bit, big-endian) is listed
/// with its architecture and nothing else.
///
/// Errors: unknown_format, when the file is no Mach-O; malformed, when no slice can be read.
Expected<std::vector<ImageSlice>> read_macho(std::string_view file);

/// The image with that UUID; a slice goes before a fileset's entry. Nothing when there is none.
std::optional<FoundImage> find_image(const std::vector<ImageSlice>& slices, const Uuid& uuid);

/// The bytes of an extent; fewer, or none, when the slice ends before it does.
std::string_view part_of(std::string_view slice, Extent extent);

}  // namespace panicscan::symbolizer
