#include "rules/literal.h"

#include "catch.h"

namespace panicscan::rules {

using Texts = std::vector<std::string>;

TEST_CASE("the longest literal that every fit contains is found") {
  CHECK(required_literals("^Kernel data abort\\. at pc (?P<pc>0x[0-9a-f]+), lr") ==
        Texts{"Kernel data abort. at pc "});
  CHECK(required_literals("ab?cde") == Texts{"cde"});
  CHECK(required_literals("abc+de") == Texts{"abc"});
  CHECK(required_literals("one two|three") == Texts{"one two", "three"});
  CHECK(required_literals("x{2}yz") == Texts{"yz"});
  CHECK(required_literals("[(]ab[)|]cde(f|g[)])hi") == Texts{"cde"});
}

TEST_CASE("no literal is claimed where it cannot be told") {
  CHECK(required_literals("(?i)abc").empty());
  CHECK(required_literals("(a|b)").empty());
  CHECK(required_literals("abcd|.*").empty());
  CHECK(required_literals("\\d+").empty());
  CHECK(required_literals("\\Qa|b\\E").empty());
  CHECK(required_literals("").empty());
  CHECK(required_literals("\\x41bcdef").empty());
  CHECK(required_literals("(((").empty());
  CHECK(required_literals("[").empty());
}

TEST_CASE("one scan tells where each literal occurs first") {
  const LiteralSet set({"busy timeout", "busy", "ab", "absent literal", "busy"});
  const auto scan = set.scan("xx ab busy timeout busy");
  CHECK(scan.first("busy timeout") == 6u);
  CHECK(scan.first("busy") == 6u);
  CHECK(scan.first("ab") == 3u);
  CHECK_FALSE(scan.first("absent literal"));
  CHECK(scan.first("not in the set") == 0u);
}

TEST_CASE("scanning an empty text or with an empty set finds nothing") {
  CHECK_FALSE(LiteralSet(Texts{"abcd"}).scan("").first("abcd"));
  CHECK(LiteralSet(Texts{}).scan("abcd").first("abcd") == 0u);
}

}  // namespace panicscan::rules
