#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "symbolicator/protocol.h"
#include "symbolicator/scan.h"

namespace panicscan::symbols {

// A cache file: the DWARF of one image as pieces of GSYM, behind an index of which code each is of.
//
//   header   magic, version, UUID, size and time of the file it was made of, where the index is,
//   its
//            checksum, the path of that file, checksum of the header
//   pieces   gsym_piece.h: GSYM as LLVM writes it; gsym_text.h says what is in its fields
//   index    20 bytes for each range of code: begin, length, number of the piece;
//            20 bytes for each piece: offset, size, checksum
//
// Numbers are little-endian. Everything that is read is checked first: header and index when the
// file is opened, a piece when an address falls into it. So damage anywhere cannot make a name, and
// a lookup need not read the whole file to know that.

/// The version changes with the layout, and with what reading DWARF gives: then all caches are old.
inline constexpr std::uint32_t kGsymFileVersion = 2;
/// Units: bytes. Before the pieces; longer paths are not cached.
inline constexpr std::size_t kGsymHeaderSize = 4096;

struct GsymHeader {
  Uuid uuid;
  std::uint64_t source_size = 0;  ///< bytes
  std::int64_t source_mtime = 0;  ///< nanoseconds since 1970
  std::string source;             ///< path
  std::uint64_t index_offset = 0;
  std::uint32_t ranges = 0, chunks = 0;
  std::uint64_t index_checksum = 0;
};

/// kGsymHeaderSize bytes; nothing when the path is too long.
std::optional<Bytes> encode(const GsymHeader& header);
/// Nothing when it is damaged, or of another version.
std::optional<GsymHeader> decode_gsym_header(ByteView bytes);

/// Where a piece stands in the file.
struct GsymChunk {
  std::uint64_t offset = 0;
  std::uint32_t size = 0;
  std::uint64_t checksum = 0;
};

struct GsymIndex {
  std::vector<CodeRange> ranges;  ///< ascending, none overlapping
  std::vector<GsymChunk> chunks;

  /// Units: bytes.
  static std::uint64_t size(std::uint64_t ranges, std::uint64_t chunks) {
    return (ranges + chunks) * 20;
  }
};
Bytes encode(const GsymIndex& index);
/// Nothing when the bytes have another checksum, or another size, than the header says.
std::optional<GsymIndex> decode_gsym_index(ByteView bytes, const GsymHeader& header);

/// Tells damage from what was written: any change within eight bytes is seen, others but for one in
/// 2^64. It is no protection against people who can write to the cache: they need no such detour.
std::uint64_t checksum_of(ByteView bytes);

/// Sorts ranges of code; what overlaps becomes one range that the DWARF is to be asked about.
void sort_ranges(std::vector<CodeRange>& ranges);

}  // namespace panicscan::symbols
