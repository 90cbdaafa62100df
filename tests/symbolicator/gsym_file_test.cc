#include "symbolicator/gsym_file.h"

#include <algorithm>

#include "catch.h"

namespace panicscan::symbols {

TEST_CASE("a checksum sees every bit, the length and the order") {
  Bytes bytes;
  for (int i = 0; i < 43; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 7));
  const std::uint64_t sum = checksum_of(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes changed = bytes;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
    CHECK(checksum_of(changed) != sum);
  }
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK(checksum_of(longer) != sum);
  Bytes swapped = bytes;
  std::swap(swapped[0], swapped[8]);
  CHECK(checksum_of(swapped) != sum);
  CHECK(checksum_of({}) != checksum_of(Bytes(8)));
}

TEST_CASE("a cache file's header and index survive, and nothing damaged is read") {
  const GsymIndex index{.ranges = {{{0x1000}, 16, 0}, {{0x2000}, 8, CodeRange::kAskDwarf}},
                        .chunks = {{4096, 100, 7}}};
  const Bytes rows = encode(index);
  CHECK(rows.size() == GsymIndex::size(2, 1));
  GsymHeader header;
  header.uuid = *parse_uuid("01234567-89AB-CDEF-0123-456789ABCDEF");
  header.source_size = 12;
  header.source_mtime = -5;
  header.source = "/tmp/kernel";
  header.index_offset = 4196;
  header.ranges = 2;
  header.chunks = 1;
  header.index_checksum = checksum_of(rows);
  const auto first = encode(header);
  REQUIRE(first.has_value());
  CHECK(first->size() == kGsymHeaderSize);
  const auto again = decode_gsym_header(*first);
  REQUIRE(again.has_value());
  CHECK(again->uuid == header.uuid);
  CHECK(again->source == header.source);
  CHECK(again->source_mtime == -5);
  const auto same = decode_gsym_index(rows, *again);
  REQUIRE(same.has_value());
  CHECK(same->ranges == index.ranges);
  CHECK(same->chunks[0].checksum == 7);

  for (std::size_t at = 0; at < first->size(); at += 3) {
    Bytes changed = *first;
    changed[at] ^= 0x10;
    CHECK_FALSE(decode_gsym_header(changed).has_value());
  }
  for (std::size_t at = 0; at < rows.size(); ++at) {
    Bytes changed = rows;
    changed[at] ^= 0x10;
    CHECK_FALSE(decode_gsym_index(changed, header).has_value());
  }
  CHECK_FALSE(decode_gsym_index(ByteView(rows).first(rows.size() - 1), header).has_value());
  header.index_offset = 4195;  // the piece would reach into the index
  CHECK_FALSE(decode_gsym_index(rows, header).has_value());
  header.source.assign(kGsymHeaderSize, 'a');
  CHECK_FALSE(encode(header).has_value());
}

TEST_CASE("a cache file of another version is not read") {
  GsymHeader header;
  header.source = "/tmp/kernel";
  Bytes bytes = *encode(header);
  REQUIRE(decode_gsym_header(bytes).has_value());
  for (const int step : {-1, 1}) {
    Bytes other = bytes;
    other[4] = static_cast<std::uint8_t>(kGsymFileVersion + static_cast<unsigned>(step));
    WireWriter sum;
    sum.u64(checksum_of(ByteView(other).first(kGsymHeaderSize - 8)));
    const Bytes last = sum.take();
    std::copy(last.begin(), last.end(), other.end() - 8);
    CHECK_FALSE(decode_gsym_header(other).has_value());
  }
}

TEST_CASE("ranges that overlap become one to ask the DWARF about") {
  std::vector<CodeRange> ranges{{{0x30}, 4, 2}, {{0x10}, 16, 0}, {{0x18}, 4, 1}, {{0x20}, 4, 1}};
  sort_ranges(ranges);
  CHECK(ranges ==
        std::vector<CodeRange>{{{0x10}, 16, CodeRange::kAskDwarf}, {{0x20}, 4, 1}, {{0x30}, 4, 2}});
}

}  // namespace panicscan::symbols
