#include <sstream>

#include "catch.h"
#include "render/make_case.h"
#include "render/splice.h"
#include "render/symbol_words.h"
#include "render/symbolicated.h"

using namespace panicscan;
using namespace panicscan::render;
using namespace panicscan::test;

namespace {

Symbol found(std::string function, std::string file, std::uint32_t line, bool is_inlined = false) {
  Symbol symbol;
  symbol.function = std::move(function);
  symbol.file = std::move(file);
  symbol.line = line;
  symbol.offset = 12;
  symbol.is_inlined = is_inlined;
  symbol.from = SymbolOrigin::dwarf;
  return symbol;
}

constexpr std::string_view kRow = "lr: 0xfffffe00240b1238  fp: 0xfffffe3fffff1000";

/// A text with one row of a backtrace, whose frame has these names.
std::string symbolicated(const std::string& text, std::vector<Symbol> names, bool ips = false) {
  CaseMaker maker(text);
  const auto at = static_cast<std::uint32_t>(text.find(kRow));
  Frame frame;
  frame.address = {0xfffffe00240b1238};
  frame.where = {0, at, static_cast<std::uint32_t>(kRow.size())};
  Backtrace trace;
  trace.frames = maker.report().add_frames({frame});
  maker.report().panic().backtraces.push_back(trace);
  maker.subject().source = source_from_text("example", text);
  maker.subject().symbols.set({0}, std::move(names));
  const Case subject = maker.build();
  std::ostringstream out;
  (ips ? render_symbolicated_ips : render_symbolicated_text)(out, subject, {});
  return std::move(out).str();
}

}  // namespace

TEST_CASE("a change between two bytes leaves all others") {
  CHECK(spliced("abc", {{2, 0, "y"}, {1, 0, "x"}}) == "axbyc");
  CHECK(spliced("abc", {{0, 2, "x"}, {1, 1, "lost"}}) == "xc");
  CHECK(spliced("abc", {{3, 9, "!"}, {4, 0, "beyond"}}) == "abc!");
}

TEST_CASE("a text without names stays byte for byte what it is") {
  const std::string text = "panic\r\n\x1b[31m\t" + std::string(kRow) + " \n\xff";
  CHECK(symbolicated(text, {}) == text);
}

TEST_CASE("a row gets its name, inlined code its callers, on lines like those around") {
  const std::string row(kRow);
  CHECK(symbolicated("\t  " + row + "\nnext\n", {found("f()", "/src/a.c", 3)}) ==
        "\t  " + row + " f() + 12 (a.c:3)\nnext\n");
  CHECK(symbolicated("x\r\n> \t" + row + "\r\nnext\r\n",
                     {found("g", "g.h", 7, true), found("f", "a.c", 3)}) ==
        "x\r\n> \t" + row + " g + 12 (g.h:7) [inlined]\r\n> \t    f + 12 (a.c:3)\r\nnext\r\n");
}

TEST_CASE("a name from a symbol file breaks no line and moves no cursor") {
  const std::string out = symbolicated(std::string(kRow) + "\n", {found("f\n\x1b[2J", "a\r.c", 3)});
  CHECK(out == std::string(kRow) + " f\\n\\x1b[2J + 12 (a\\r.c:3)\n");
}

TEST_CASE("names that the report already carries are not written twice") {
  Symbol symbol = found("f", "a.c", 3);
  symbol.from = SymbolOrigin::report;
  CHECK(symbolicated(std::string(kRow) + "\n", {symbol}) == std::string(kRow) + "\n");
}

TEST_CASE("a name says what it is worth") {
  CHECK(symbol_words(found("", "a.c", 0), SymbolStatus::named) == "??? + 12 (a.c)");
  CHECK(symbol_words(found("f", "", 0, true), SymbolStatus::near_match) ==
        "f + 12 [of another build] [inlined]");
}
