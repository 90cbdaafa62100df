#include "symbolicator/worker/macho_file.h"

#include "catch.h"
#include "symbolicator/macho_writer.h"

namespace panicscan::symbolizer {
namespace {

using test::MachOWriter;

std::string kernel() {
  return test::image(2,
                     {test::uuid_command(7), test::code_segment("__TEXT", 0xfffffe0007004000, 64),
                      test::code_segment("__TEXT_EXEC", 0xfffffe0007008000, 128)});
}

std::string fileset_entry(std::uint64_t offset, std::string_view name) {
  std::string padded(name);
  padded.resize(24, '\0');
  return MachOWriter()
      .u32(0x80000035)
      .u32(32 + 24)
      .u64(0)
      .u64(offset)
      .u32(32)
      .u32(0)
      .append(padded)
      .bytes();
}

std::string big32(std::uint32_t v) {
  return {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
          static_cast<char>(v)};
}

Uuid uuid_ending(std::uint8_t last) {
  Uuid uuid;
  uuid.bytes[15] = last;
  return uuid;
}

}  // namespace

TEST_CASE("a header gives UUID, architecture and segments") {
  const auto slices = read_macho(kernel());
  REQUIRE(slices.has_value());
  REQUIRE(slices->size() == 1);
  const Image& image = slices->front().image;
  CHECK(image.facts.uuid == uuid_ending(7));
  CHECK(image.facts.arch == "arm64e");
  CHECK(image.facts.file_type == 2);
  CHECK_FALSE(image.facts.has_dwarf);
  CHECK_FALSE(image.facts.has_symbols);
  REQUIRE(image.facts.segments.size() == 2);
  CHECK(image.facts.segments[1].name == "__TEXT_EXEC");
  CHECK(image.facts.segments[1].is_executable());
  CHECK(image.facts.segments[1].holds({0xfffffe000700807f}));
  CHECK_FALSE(image.facts.segments[1].holds({0xfffffe0007008080}));
  CHECK(image.text == FileAddress{0xfffffe0007004000});
  REQUIRE(image.sections.size() == 2);
  CHECK(image.sections[0].has_code);
}

TEST_CASE("a file that is cut anywhere is an error or has fewer facts, and is never read beyond") {
  const std::string whole = kernel();
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK_FALSE(read_macho(std::string_view(whole).substr(0, length)).has_value());
}

TEST_CASE("any byte of a header may be wrong") {
  const std::string whole =
      test::image(12, {test::uuid_command(1), test::code_segment("__TEXT", 0x4000, 64),
                       test::symtab_command(0, 4, 0, 64), fileset_entry(0, "com.apple.kernel")});
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0, 1, 0x7f, 0x80, 0xff}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(value);
      const auto slices = read_macho(changed);
      if (slices) CHECK(slices->front().bytes.size() <= changed.size());
    }
  }
}

TEST_CASE("the images of a fileset are found by their UUIDs") {
  const std::string kext =
      test::image(11, {test::uuid_command(9), test::code_segment("__TEXT_EXEC", 0x8000, 16)});
  const std::string lone =
      test::image(12, {test::uuid_command(1), fileset_entry(0, ""), fileset_entry(0, "")});
  std::string collection =
      test::image(12, {test::uuid_command(1), fileset_entry(lone.size(), "com.example.a"),
                       fileset_entry(1u << 30, "com.example.lost")});
  collection += kext;
  const auto slices = read_macho(collection);
  REQUIRE(slices.has_value());
  REQUIRE(slices->front().entries.size() == 1);
  CHECK(slices->front().entries[0].facts.name == "com.example.a");
  const auto found = find_image(*slices, uuid_ending(9));
  REQUIRE(found.has_value());
  CHECK_FALSE(found->is_slice());
  CHECK(find_image(*slices, uuid_ending(1))->is_slice());
  CHECK_FALSE(find_image(*slices, uuid_ending(2)).has_value());
}

TEST_CASE("the slices of a universal file are read, damaged ones left out") {
  const std::string slice = kernel();
  const auto row = [](std::size_t offset, std::size_t size) {
    return big32(0x0100000c) + big32(2) + big32(static_cast<std::uint32_t>(offset)) +
           big32(static_cast<std::uint32_t>(size)) + big32(0);
  };
  const std::size_t start = 8 + 3 * 20;
  const std::string file = big32(0xcafebabe) + big32(3) + row(start, slice.size()) +
                           row(start + slice.size(), 4) + row(~0u, ~0u) + slice +
                           std::string("\xce\xfa\xed\xfe", 4);
  const auto slices = read_macho(file);
  REQUIRE(slices.has_value());
  REQUIRE(slices->size() == 2);
  CHECK(slices->at(0).image.facts.uuid == uuid_ending(7));
  CHECK_FALSE(slices->at(1).image.facts.uuid.has_value());  // 32-bit
}

TEST_CASE("other files are no Mach-O") {
  const std::string java = big32(0xcafebabe) + big32(65) + std::string(2000, '\0');
  for (const std::string& bytes :
       {std::string(), std::string("\xcf"), std::string("hello world"), java})
    CHECK(read_macho(bytes).error().code == ErrorCode::unknown_format);
}

TEST_CASE("a part of a slice never leaves it") {
  CHECK(part_of("abcdef", {2, 3}) == "cde");
  CHECK(part_of("abcdef", {4, 100}) == "ef");
  CHECK(part_of("abcdef", {6, 1}).empty());
  CHECK(part_of("abcdef", {~0ull, ~0ull}).empty());
}

}  // namespace panicscan::symbolizer
