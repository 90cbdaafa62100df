#include "symbolicator/worker/symbol_table.h"

#include "catch.h"
#include "symbolicator/macho_writer.h"

namespace panicscan::symbolizer {
namespace {

using test::MachOWriter;

struct Entry {
  std::string name;
  std::uint64_t address = 0;
  std::uint8_t type = 0x0f;  ///< defined in a section, exported
  std::uint8_t section = 1;
};

/// An image with code at 0x4000 (64 bytes) and 0x8000 (64 bytes), these symbols, and functions
/// that start at these distances from each other, the first from 0x4000.
std::string image_with(const std::vector<Entry>& entries, std::string_view starts) {
  const std::vector<std::string> shape{test::code_segment("__TEXT", 0x4000, 64),
                                       test::code_segment("__TEXT_EXEC", 0x8000, 64)};
  const auto commands = [&](std::uint32_t at, std::uint32_t strings) {
    std::vector<std::string> all = shape;
    const auto count = static_cast<std::uint32_t>(entries.size());
    all.push_back(test::symtab_command(at, count, at + 16 * count, strings));
    all.push_back(test::function_starts_command(at + 16 * count + strings,
                                                static_cast<std::uint32_t>(starts.size())));
    return test::image(2, all);
  };
  MachOWriter table;
  std::string strings(1, '\0');
  for (const Entry& e : entries) {
    table.u32(static_cast<std::uint32_t>(strings.size()));
    table.u8(e.type).u8(e.section).u16(0).u64(e.address);
    strings += e.name + '\0';
  }
  const auto header = static_cast<std::uint32_t>(commands(0, 0).size());
  return commands(header, static_cast<std::uint32_t>(strings.size())) + table.bytes() + strings +
         std::string(starts);
}

/// "name@start" of what holds an address, "@start" when it has no name, "" when nothing does.
std::string at(const std::string& file, std::uint64_t address) {
  const auto slices = read_macho(file);
  REQUIRE(slices.has_value());
  const SymbolTable table(slices->front().bytes, slices->front().image);
  const auto found = table.find({address});
  if (!found) return {};
  return std::string(found->name) + "@" + std::to_string(found->start.value);
}

}  // namespace

TEST_CASE("a name reaches from its symbol to the next one") {
  const std::string file = image_with({{"_second", 0x4020}, {"_first", 0x4000}}, "");
  CHECK(at(file, 0x4000) == "first@16384");
  CHECK(at(file, 0x401f) == "first@16384");
  CHECK(at(file, 0x4020) == "second@16416");
  CHECK(at(file, 0x403f) == "second@16416");
}

TEST_CASE("a name does not reach beyond its section") {
  const std::string file = image_with({{"_first", 0x4000}}, "");
  CHECK(at(file, 0x4040).empty());
  CHECK(at(file, 0x8000).empty());
  CHECK(at(file, 0x3fff).empty());
}

TEST_CASE("a name does not reach into a function whose own name was stripped") {
  // Functions start at 0x4000, 0x4010 and 0x8000 (ULEB128: the first distance is zero, which would
  // end the table, so the first entry is the one at 0x4010).
  const std::string file = image_with({{"_first", 0x4000}}, "\x10\xf0\x7f");
  CHECK(at(file, 0x400f) == "first@16384");
  CHECK(at(file, 0x4010) == "@16400");
  CHECK(at(file, 0x403f) == "@16400");
  CHECK(at(file, 0x8004) == "@32768");
}

TEST_CASE("entries that name no code are passed over") {
  const std::string file = image_with({{"_first", 0x4000},
                                       {"debugger's", 0x4010, 0x24, 1},
                                       {"_undefined", 0x4010, 0x01, 0},
                                       {"_absolute", 0x4010, 0x03, 0},
                                       {"_no_such_section", 0x4010, 0x0f, 9},
                                       {"_elsewhere", 0x4010, 0x0f, 2},
                                       {"", 0x4010}},
                                      "");
  CHECK(at(file, 0x4018) == "first@16384");
}

TEST_CASE("of two names for one address the last is taken") {
  const std::string file = image_with({{"_one", 0x4000}, {"_other", 0x4000}}, "");
  CHECK(at(file, 0x4004) == "other@16384");
}

TEST_CASE("a damaged table gives fewer names") {
  const std::string whole = image_with({{"_first", 0x4000}, {"_second", 0x4020}}, "\x10\x10\x10");
  const auto header = whole.size() - 3 - 1 - 7 - 8 - 32;
  for (std::size_t length = header; length < whole.size(); ++length)
    (void)at(whole.substr(0, length), 0x4024);
  // Distances that never end, and that overflow.
  CHECK(at(image_with({{"_first", 0x4000}}, std::string(40, '\xff')), 0x4004) == "first@16384");
  CHECK(at(image_with({{"_first", 0x4000}}, std::string(12, '\xff') + "\x7f"), 0x4004) ==
        "first@16384");
}

}  // namespace panicscan::symbolizer
