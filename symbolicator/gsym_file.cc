#include "symbolicator/gsym_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace panicscan::symbols {
namespace {

constexpr std::uint32_t kMagic = 0x59534750;  // "PGSY"
/// Units: bytes. Of the header without the path; the rest up to kGsymHeaderSize is zero.
constexpr std::size_t kFixedSize = 4 + 4 + 16 + 8 + 8 + 8 + 4 + 4 + 8 + 4;

}  // namespace

std::uint64_t checksum_of(ByteView bytes) {
  // Each step can be undone, so that a difference in one word cannot vanish again. Every fourth
  // word goes into the same sum: a processor takes the steps of four sums at once.
  const auto step = [](std::uint64_t& sum, std::uint64_t word) {
    sum = (sum ^ word) * 0x9e3779b97f4a7c15;
    sum ^= sum >> 32;
  };
  const auto word_at = [&](std::size_t at, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, size);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
  };
  std::array<std::uint64_t, 4> sums{1, 2, 3, bytes.size()};
  std::size_t at = 0;
  for (; bytes.size() - at >= 32; at += 32)
    for (std::size_t i = 0; i < 4; ++i) step(sums[i], word_at(at + 8 * i, 8));
  for (std::size_t i = 0; at < bytes.size(); at += 8)
    step(sums[i++], word_at(at, std::min<std::size_t>(bytes.size() - at, 8)));
  for (std::size_t i = 1; i < 4; ++i) step(sums[0], sums[i]);
  return sums[0];
}

std::optional<Bytes> encode(const GsymHeader& header) {
  if (header.source.size() > kGsymHeaderSize - kFixedSize - 8) return std::nullopt;
  WireWriter out;
  out.u32(kMagic);
  out.u32(kGsymFileVersion);
  out.uuid(header.uuid);
  out.u64(header.source_size);
  out.u64(static_cast<std::uint64_t>(header.source_mtime));
  out.u64(header.index_offset);
  out.u32(header.ranges);
  out.u32(header.chunks);
  out.u64(header.index_checksum);
  out.text(header.source);
  while (out.size() < kGsymHeaderSize - 8) out.u8(0);
  Bytes bytes = out.take();
  WireWriter sum;
  sum.u64(checksum_of(bytes));
  const Bytes last = sum.take();
  bytes.insert(bytes.end(), last.begin(), last.end());
  return bytes;
}

std::optional<GsymHeader> decode_gsym_header(ByteView bytes) {
  if (bytes.size() != kGsymHeaderSize) return std::nullopt;
  WireReader sum(bytes.last(8));
  if (sum.u64() != checksum_of(bytes.first(kGsymHeaderSize - 8))) return std::nullopt;
  WireReader in(bytes);
  if (in.u32() != kMagic || in.u32() != kGsymFileVersion) return std::nullopt;
  GsymHeader header;
  header.uuid = in.uuid();
  header.source_size = in.u64();
  header.source_mtime = static_cast<std::int64_t>(in.u64());
  header.index_offset = in.u64();
  header.ranges = in.u32();
  header.chunks = in.u32();
  header.index_checksum = in.u64();
  header.source = in.text(kGsymHeaderSize);
  if (!in.ok()) return std::nullopt;
  return header;
}

Bytes encode(const GsymIndex& index) {
  WireWriter out;
  out.reserve(GsymIndex::size(index.ranges.size(), index.chunks.size()));
  for (const CodeRange& range : index.ranges) {
    out.u64(range.begin.value);
    out.u64(range.length);
    out.u32(range.chunk);
  }
  for (const GsymChunk& chunk : index.chunks) {
    out.u64(chunk.offset);
    out.u32(chunk.size);
    out.u64(chunk.checksum);
  }
  return out.take();
}

std::optional<GsymIndex> decode_gsym_index(ByteView bytes, const GsymHeader& header) {
  if (bytes.size() != GsymIndex::size(header.ranges, header.chunks) ||
      checksum_of(bytes) != header.index_checksum)
    return std::nullopt;
  WireReader in(bytes);
  GsymIndex index;
  index.ranges.resize(header.ranges);
  for (CodeRange& range : index.ranges) {
    in.numbers(range.begin.value, range.length, range.chunk);
    if (range.chunk != CodeRange::kAskDwarf && range.chunk >= header.chunks) return std::nullopt;
  }
  index.chunks.resize(header.chunks);
  for (GsymChunk& chunk : index.chunks) {
    in.numbers(chunk.offset, chunk.size, chunk.checksum);
    if (chunk.offset > header.index_offset || chunk.size > header.index_offset - chunk.offset)
      return std::nullopt;
  }
  return index;
}

void sort_ranges(std::vector<CodeRange>& ranges) {
  std::ranges::sort(ranges, {}, [](const CodeRange& r) { return std::pair(r.begin, r.length); });
  std::size_t kept = 0;
  for (const CodeRange& next : ranges) {
    if (kept == 0 || next.begin.value >= ranges[kept - 1].end()) {
      ranges[kept++] = next;
      continue;
    }
    CodeRange& last = ranges[kept - 1];
    last.length = std::max(last.end(), next.end()) - last.begin.value;
    last.chunk = CodeRange::kAskDwarf;
  }
  ranges.resize(kept);
}

}  // namespace panicscan::symbols
