#include "model/symbols.h"

#include "catch.h"
#include "model/report_builder.h"

using namespace panicscan;

namespace {

std::vector<Symbol> named(std::string function) {
  Symbol symbol;
  symbol.function = std::move(function);
  return {symbol};
}

}  // namespace

TEST_CASE("frames can share their names") {
  Symbols symbols(3);
  const std::uint32_t names = symbols.add(named("IOLog"));
  symbols.share({0}, names);
  symbols.share({2}, names);
  REQUIRE(symbols.of({2}).size() == 1);
  CHECK(symbols.of({0}).front().function == "IOLog");
  CHECK(symbols.of({1}).empty());
  CHECK(symbols.names(names).size() == 1);
}

TEST_CASE("a frame beyond the last has no name and was not looked up") {
  Symbols symbols;
  CHECK(symbols.of({7}).empty());
  CHECK(symbols.status({7}) == SymbolStatus::not_looked_up);
  symbols.set({7}, named("panic"));
  CHECK(symbols.of({7}).front().function == "panic");
  symbols.set({7}, {});
  CHECK(symbols.of({7}).empty());
}

TEST_CASE("addresses that are no frames are found by their value") {
  Symbols symbols;
  symbols.others = {{{0x10}, SymbolStatus::no_name, {}}, {{0x20}, SymbolStatus::named, {}}};
  REQUIRE(symbols.find({0x20}) != nullptr);
  CHECK(symbols.find({0x20})->status == SymbolStatus::named);
  CHECK(symbols.find({0x18}) == nullptr);
}
