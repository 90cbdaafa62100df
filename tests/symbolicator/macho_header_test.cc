#include "symbolicator/macho_header.h"

#include <algorithm>

#include "catch.h"
#include "symbolicator/macho_headers.h"

namespace panicscan::symbols {
namespace {

using namespace test;

/// Reads a text as if it were a file, and counts how much was asked for.
struct TextFile {
  std::string bytes;
  std::size_t asked = 0;

  Expected<MachoHeaders> headers() {
    return read_macho_headers([this](std::uint64_t offset, std::span<std::uint8_t> into) {
      asked += into.size();
      if (offset >= bytes.size()) return std::size_t{0};
      const std::size_t count = std::min<std::size_t>(into.size(), bytes.size() - offset);
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
      return count;
    });
  }
};

MachoHeaders read(std::string bytes) {
  const auto headers = TextFile{std::move(bytes)}.headers();
  REQUIRE(headers);
  return *headers;
}

TEST_CASE("a thin file says its UUID, architecture, and what it contains") {
  const MachoHeaders found = read(dsym(uuid_of(7)));
  REQUIRE(found.images.size() == 1);
  CHECK(found.images[0] == MachoHeader{"", uuid_of(7), "arm64e", kMachoDsym, true, false});
  CHECK(found.problem.empty());
  CHECK(read(kext(uuid_of(1))).images[0].has_symbols);
  CHECK_FALSE(read(kext(uuid_of(1))).images[0].has_dwarf);
}

TEST_CASE("a 32-bit file is read, too") {
  const std::string uuid = uuid_command(uuid_of(3));
  Writer out;
  out.u32(0xfeedface).u32(7).u32(3).u32(2).u32(1).u32(24).u32(0).append(uuid);
  const MachoHeaders found = read(out.bytes());
  REQUIRE(found.images.size() == 1);
  CHECK(found.images[0].arch == "i386");
  CHECK(found.images[0].uuid == uuid_of(3));
}

TEST_CASE("every slice of a universal file is read, whatever its table's width") {
  for (const bool wide : {false, true}) {
    std::string intel = kext(uuid_of(2));
    intel.replace(4, 8, Writer().u32(0x01000007).u32(3).bytes());
    const MachoHeaders found =
        read(universal({{0x0100000c, 0x80000002, kext(uuid_of(1))}, {0x01000007, 3, intel}}, wide));
    REQUIRE(found.images.size() == 2);
    CHECK(found.images[0].arch == "arm64e");
    CHECK(found.images[1].arch == "x86_64");
    CHECK(found.images[1].uuid == uuid_of(2));
    CHECK(found.problem.empty());
  }
}

TEST_CASE("the images inside a kernel collection are found by their entries") {
  std::string file = image(
      12, uuid_of(100),
      {fileset_entry("com.apple.kernel", 8192), fileset_entry("com.example.driver.Widget", 12288)});
  file.resize(8192);
  file += image(2, uuid_of(101));
  file.resize(12288);
  file += kext(uuid_of(102));
  const MachoHeaders found = read(file);
  REQUIRE(found.images.size() == 3);
  CHECK(found.images[0].file_type == kMachoFileset);
  CHECK(found.images[1].name == "com.apple.kernel");
  CHECK(found.images[2].name == "com.example.driver.Widget");
  CHECK(found.images[2].uuid == uuid_of(102));
}

TEST_CASE("load commands longer than the first read are read whole") {
  std::vector<std::string> segments(100, section("__DATA", "__data", 0));
  segments.push_back(section("__DWARF", "__debug_info", 1));
  TextFile file{image(10, uuid_of(5), segments)};
  const auto found = file.headers();
  REQUIRE(found);
  REQUIRE(found->images.size() == 1);
  CHECK(found->images[0].has_dwarf);
  CHECK(file.asked < 32u << 10);
}

TEST_CASE("what is not Mach-O is an error") {
  for (const std::string bytes : {"", "abc", "#!/bin/sh\nexit 0\n",
                                  "\x7f"
                                  "ELF\2\1\1"})
    CHECK(TextFile{bytes}.headers().error().code == ErrorCode::unknown_format);
  // A Java class file has the magic of a universal one, and its version where that has a count.
  CHECK_FALSE(
      TextFile{std::string("\xca\xfe\xba\xbe\0\0\0\x34", 8) + std::string(64, 'x')}.headers());
}

TEST_CASE("a file cut short at any byte gives a UUID or says what is missing") {
  const std::string whole = universal({{0x0100000c, 2, kext(uuid_of(1))}});
  for (std::size_t length = 8; length < whole.size(); ++length) {
    const MachoHeaders found = read(whole.substr(0, length));
    if (found.images.empty())
      CHECK_FALSE(found.problem.empty());
    else
      CHECK(found.images[0].uuid == uuid_of(1));
  }
}

TEST_CASE("hostile counts and sizes end the reading, not the program") {
  std::string file = kext(uuid_of(1));
  const auto with = [&](std::size_t at, std::uint32_t value) {
    return std::string(file).replace(at, 4, Writer().u32(value).bytes());
  };
  CHECK(read(with(16, 0xffffffff)).images.size() == 1);  // ncmds: only as many as there are
  CHECK_FALSE(read(with(20, 0xffffffff)).problem.empty());
  CHECK_FALSE(read(with(36, 0)).problem.empty());           // a command without a size
  CHECK_FALSE(read(with(36, 0xfffffff8)).problem.empty());  // longer than the file
  CHECK(read(with(20, 0)).images.empty());
  CHECK(read(with(16, 0)).images.empty());
  std::string sections = dsym(uuid_of(1));
  sections.replace(32 + 64, 4, Writer().u32(0xffffffff).bytes());
  CHECK(read(sections).images.size() == 1);
}

TEST_CASE("a universal file whose slices lie outside it has a problem and no image") {
  std::string file = universal({{0x0100000c, 2, kext(uuid_of(1))}}, true);
  file.replace(16, 8, std::string(8, '\xff'));
  const MachoHeaders found = read(file);
  CHECK(found.images.empty());
  CHECK_FALSE(found.problem.empty());
}

TEST_CASE("a fileset of nothing but entries costs no more than its limit") {
  std::string entries;
  for (int i = 0; i < 20000; ++i) entries += fileset_entry("x", 0);
  TextFile file{image(12, uuid_of(1), {entries})};
  // One command of the writer's is really 20,000.
  file.bytes.replace(16, 4, Writer().u32(20001).bytes());
  const auto found = file.headers();
  REQUIRE(found);
  CHECK(file.asked <= 16u << 20);
}

TEST_CASE("random damage never makes the reader read outside what it has") {
  const std::string whole =
      universal({{0x0100000c, 2, image(12, uuid_of(1), {fileset_entry("a", 600)})},
                 {0x0100000c, 2, dsym(uuid_of(2))}});
  std::uint64_t random = 88172645463325252u;
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 4; ++i) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      // Headers are where it hurts.
      const std::size_t at = (random >> 8) % 400 + (random % 3) * 4096;
      if (at < damaged.size()) damaged[at] = static_cast<char>(random >> 40);
    }
    (void)TextFile{damaged}.headers();
  }
}

}  // namespace
}  // namespace panicscan::symbols
