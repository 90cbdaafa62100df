#include "symbolicator/worker/gsym_piece.h"

#include "catch.h"

namespace panicscan::symbolizer {

TEST_CASE("a piece keeps where its functions begin, and gives back its GSYM") {
  const std::vector<std::uint64_t> starts{0x1000, 0x1040, 0xffff'fe00'0000'0000};
  const std::string bytes = join_piece(starts, "GSYM");
  const auto piece = split_piece(bytes);
  REQUIRE(piece.has_value());
  CHECK(piece->starts == starts);
  CHECK(piece->gsym == "GSYM");
  CHECK(piece->start_of(0x103f) == 0x1000);
  CHECK(piece->start_of(0x1040) == 0x1040);
  CHECK(piece->start_of(0xffff'fe00'0000'0001) == 0xffff'fe00'0000'0000);
  CHECK(piece->start_of(0xfff) == 0xfff);
}

TEST_CASE("bytes that are no piece are none") {
  CHECK_FALSE(split_piece("").has_value());
  CHECK_FALSE(split_piece("abc").has_value());
  CHECK_FALSE(split_piece(std::string_view("\xff\xff\xff\xff", 4)).has_value());
  const std::vector<std::uint64_t> falling{2, 1};
  CHECK_FALSE(split_piece(join_piece(falling, "")).has_value());
  CHECK(split_piece(join_piece({}, ""))->gsym.empty());
}

}  // namespace panicscan::symbolizer
