#include "base/limits.h"

#include <algorithm>
#include <set>

#include "catch.h"

namespace panicscan {
namespace {

const LimitRow& row(std::string_view name) {
  return *std::ranges::find(limit_rows(), name, &LimitRow::name);
}

}  // namespace

TEST_CASE("every limit has a name of its own, a meaning, and a default that it may be set to") {
  std::set<std::string_view> names;
  for (const LimitRow& each : limit_rows()) {
    INFO(each.name);
    CHECK(names.insert(each.name).second);
    CHECK_FALSE(each.meaning.empty());
    Limits limits;
    const std::uint64_t value = limits.*each.value;
    CHECK(set_limit(limits, each, limit_text(each, value)));
    CHECK(limits.*each.value == value);
  }
}

TEST_CASE("a limit in bytes is read with K, M and G, a count without") {
  Limits limits;
  REQUIRE(set_limit(limits, row("input"), "64K"));
  CHECK(limits.input == 65536);
  REQUIRE(set_limit(limits, row("input"), "1G"));
  CHECK(limits.input == 1073741824);
  CHECK_FALSE(set_limit(limits, row("frames"), "64K"));
  REQUIRE(set_limit(limits, row("frames"), "64"));
  CHECK(limits.frames == 64);
}

TEST_CASE("a limit that is no number, nothing or too large is refused and stays as it was") {
  for (const char* text : {"", "0", "-1", "2G", "9999999999999999999999", "M", "12x"}) {
    INFO(text);
    Limits limits;
    const Status done = set_limit(limits, row("input"), text);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == ErrorCode::usage);
    CHECK(limits.input == Limits{}.input);
  }
}

TEST_CASE("what is beyond a limit is said with its value and its flag") {
  CHECK(beyond_limit({}, &Limits::stack_frames) ==
        "more than the limit of 1024 (--limit-stack-frames)");
  CHECK(beyond_limit({}, &Limits::unpacked) == "more than the limit of 256M (--limit-unpacked)");
}

}  // namespace panicscan
