#include "analysis/apply_ownership.h"

#include "catch.h"

namespace panicscan {
namespace {

Culprit driver(Verdict verdict) {
  Culprit culprit;
  culprit.verdict = verdict;
  culprit.bundle = culprit.image = "com.example.driver.port";
  return culprit;
}

}  // namespace

TEST_CASE("a culprit that the user calls his own is his, and his team is named") {
  const Ownership owners{{"com.example.driver"}, {{"com.example.*", "@drivers"}}, {}};
  const Culprit own = analysis::apply_ownership(driver(Verdict::third_party), {}, owners);
  CHECK(own.verdict == Verdict::own);
  CHECK(own.team == "@drivers");
  REQUIRE(own.because.size() == 2);
  CHECK(own.because[0].says == "com.example.driver.port is named as your own code");
  CHECK(own.because[1].says == "looked after by @drivers");
  const Culprit other = analysis::apply_ownership(driver(Verdict::third_party), {}, {});
  CHECK(other.verdict == Verdict::third_party);
  CHECK(other.because.empty());
  CHECK(other.team.empty());
}

TEST_CASE("whose dSYM was given is the user's, and the reason says so") {
  const Ownership owners{{}, {}, {"com.example.driver.port"}};
  const Culprit own = analysis::apply_ownership(driver(Verdict::third_party), {}, owners);
  CHECK(own.verdict == Verdict::own);
  REQUIRE(own.because.size() == 1);
  CHECK(own.because[0].says == "com.example.driver.port is your own code: you gave its dSYM");
}

TEST_CASE("being one's own is no guilt: what is only pointed at stays unknown") {
  const Ownership owners{{"com.example.driver"}, {}, {}};
  const Culprit own = analysis::apply_ownership(driver(Verdict::unknown), {}, owners);
  CHECK(own.verdict == Verdict::unknown);
  CHECK(own.because.size() == 1);
}

TEST_CASE("a team is found by bundle, by function and by class") {
  Culprit culprit = driver(Verdict::third_party);
  culprit.frame = Index<Frame>{0};
  Symbols symbols(1);
  Symbol symbol;
  symbol.function = "PortScheduler::Arm(unsigned int)";
  symbols.set({0}, {symbol});
  const auto team_by = [&](const std::string& pattern) {
    return analysis::apply_ownership(culprit, symbols, {{}, {{pattern, "@team"}}, {}}).team;
  };
  CHECK(team_by("com.example.driver.*") == "@team");
  CHECK(team_by("PortScheduler::Arm") == "@team");
  CHECK(team_by("PortScheduler") == "@team");
  CHECK(team_by("PortClient").empty());
}

}  // namespace panicscan
