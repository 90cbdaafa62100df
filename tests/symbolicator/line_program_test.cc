#include "symbolicator/worker/line_program.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/DebugInfo/DWARF/DWARFUnit.h>
#include <llvm/Support/MemoryBuffer.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "catch.h"

namespace panicscan::symbolizer {
namespace {

std::string number(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::string uleb(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string sleb(std::int64_t value) {
  std::string bytes;
  for (; value < -64 || value > 63; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value & 0x7f);
}

std::string set_address(std::uint64_t address) {
  return uleb(0) + uleb(9) + '\2' + number(address, 8);
}
const std::string kEndSequence = std::string("\0\1\1", 3);
const std::string kCopy = "\1";

/// A unit of DWARF 4 that is nothing but a line program.
class Unit {
 public:
  explicit Unit(const std::string& program, int most_operations = 1) {
    std::string header = number(4, 1) + number(static_cast<unsigned>(most_operations), 1) + '\1' +
                         number(0xfb, 1) + '\16' + '\16';
    header += std::string("\0\1\1\1\1\0\0\0\1\0\0\1\1", 13);  // operands of opcodes 1 to 13
    header += '\0' + std::string("a.c\0\0\0\0b.c\0\0\0\0", 14) + '\0';
    const std::string rest = number(4, 2) + number(header.size(), 4) + header + program;
    add("debug_line", number(rest.size(), 4) + rest);
    add("debug_abbrev", std::string("\1\x11\0\x10\x17\0\0\0", 8));  // a unit with DW_AT_stmt_list
    const std::string info = number(4, 2) + number(0, 4) + '\10' + '\1' + number(0, 4);
    add("debug_info", number(info.size(), 4) + info);
    context = llvm::DWARFContext::create(sections_, 8);
    unit = context->getUnitAtIndex(0);
  }

  std::vector<std::optional<LineRow>> rows(const std::vector<FileAddress>& wanted) {
    return LineProgram(*context, *unit, [](llvm::Error e) { FAIL(llvm::toString(std::move(e))); })
        .rows_of(wanted);
  }

  std::unique_ptr<llvm::DWARFContext> context;
  llvm::DWARFUnit* unit = nullptr;

 private:
  void add(const char* name, std::string bytes) {
    kept_.push_back(std::make_unique<std::string>(std::move(bytes)));
    sections_[name] = llvm::MemoryBuffer::getMemBuffer(*kept_.back(), "", false);
  }

  std::vector<std::unique_ptr<std::string>> kept_;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> sections_;
};

std::string random_operation(std::mt19937& random) {
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  switch (below(12)) {
    case 0:
      return kCopy;
    case 1:
      return '\2' + uleb(below(30));  // advance_pc
    case 2:
      return '\3' + sleb(static_cast<int>(below(400)) - 100);  // advance_line
    case 3:
      return '\4' + uleb(1 + below(2));  // set_file
    case 4:
      return '\5' + uleb(below(300));  // set_column
    case 5:
      return std::string(1, static_cast<char>(6 + below(2)));  // negate_stmt, basic_block
    case 6:
      return "\10";  // const_add_pc
    case 7:
      return '\11' + number(below(90), 2);  // fixed_advance_pc
    case 8:
      return '\14' + uleb(below(9));  // set_isa
    case 9:
      return '\15' + uleb(below(9));  // an opcode of its own
    case 10:
      return uleb(0) + uleb(2) + '\4' + uleb(below(100));  // set_discriminator
    default:
      return std::string(1, static_cast<char>(14 + below(242)));  // special
  }
}

}  // namespace

TEST_CASE("the rows of random line programs are those of LLVM's own table") {
  std::mt19937 random(7);
  std::size_t with_row = 0;
  for (int round = 0; round < 300; ++round) {
    std::string program;
    for (unsigned sequence = 0; sequence < 1 + random() % 4; ++sequence) {
      program += set_address(0x10000 * (1 + random() % 2 + 2 * sequence));
      for (unsigned i = 0; i < random() % 40; ++i) program += random_operation(random);
      program += '\2' + uleb(random() % 8) + kEndSequence;
    }
    Unit unit(program, random() % 4 == 0 ? 2 : 1);
    std::vector<FileAddress> wanted;
    for (std::uint64_t at = 0xfff0; at < 0x90000;
         at += at % 0x10000 < 0x2000 ? 1 + random() % 9 : 0x1000)
      wanted.push_back({at});
    const auto rows = unit.rows(wanted);
    const auto* const table = unit.context->getLineTableForUnit(unit.unit);
    REQUIRE(table != nullptr);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto expected =
          table->lookupAddress({wanted[i].value, llvm::object::SectionedAddress::UndefSection});
      INFO("round " << round << ", address 0x" << std::hex << wanted[i].value);
      REQUIRE(rows[i].has_value() == (expected != table->UnknownRowIndex));
      if (!rows[i]) continue;
      ++with_row;
      CHECK(rows[i]->line == table->Rows[expected].Line);
      CHECK(rows[i]->column == table->Rows[expected].Column);
      CHECK(rows[i]->file == table->Rows[expected].File);
    }
  }
  CHECK(with_row > 5000);
}

TEST_CASE("code that the linker removed, and a sequence without an end, have no rows") {
  const std::string body = kCopy + '\2' + uleb(16) + kCopy;
  CHECK(Unit(set_address(0x1000) + body + kEndSequence).rows({{0x1004}})[0]);
  CHECK_FALSE(Unit(set_address(0x1000) + body).rows({{0x1004}})[0]);
  CHECK_FALSE(Unit(set_address(~std::uint64_t{0}) + body + kEndSequence).rows({{2}})[0]);
}

TEST_CASE("a line program cut at any byte gives no row that it does not have when it is whole") {
  const std::string program = set_address(0x1000) + kCopy + '\3' + sleb(200) + '\2' + uleb(300) +
                              kCopy + '\2' + uleb(4) + kEndSequence;
  for (std::size_t size = 0; size < program.size(); ++size)
    CHECK_FALSE(Unit(program.substr(0, size)).rows({{0x1004}})[0]);
  CHECK(Unit(program).rows({{0x1004}})[0]->line == 1);
  CHECK(Unit(program).rows({{0x1000 + 4 * 300}})[0]->line == 201);
}

}  // namespace panicscan::symbolizer
