#include "parsers/snapshot_flags.h"

#include "catch.h"

using namespace panicscan;
using namespace panicscan::parsers;
using Names = std::vector<std::string>;

namespace {

Names read(std::string_view json, std::span<const FlagName> names) {
  const auto tree = JsonTree::parse(json);
  REQUIRE(tree);
  Names flags;
  read_flags(tree->root(), names, flags);
  return flags;
}

}  // namespace

TEST_CASE("flags are read as names, as a number and as hex text alike") {
  const auto states = thread_state_names();
  CHECK(read(R"j(["TH_WAIT", "TH_UNINT"])j", states) == Names{"TH_WAIT", "TH_UNINT"});
  CHECK(read("9", states) == Names{"TH_WAIT", "TH_UNINT"});
  CHECK(read("\"0x9\"", states) == Names{"TH_WAIT", "TH_UNINT"});
  CHECK(read("\"TH_RUN\"", states) == Names{"TH_RUN"});
  CHECK(read("[1, 8]", states) == Names{"TH_WAIT", "TH_UNINT"});
}

TEST_CASE("bits without a name stay a number") {
  CHECK(read("257", thread_state_names()) == Names{"TH_WAIT", "0x100"});
  CHECK(read("5", {}) == Names{"0x5"});
  CHECK(read("2064", thread_flag_names()) == Names{"kThreadDarwinBG", "kThreadOnCore"});
  CHECK(read("1073741840", task_flag_names()) == Names{"suspended", "sharedRegionSystem"});
}

TEST_CASE("what is no flag adds nothing") {
  CHECK(read("0", thread_state_names()).empty());
  CHECK(read("[]", thread_state_names()).empty());
  CHECK(read("[[[1]], {}]", thread_state_names()).empty());
}
