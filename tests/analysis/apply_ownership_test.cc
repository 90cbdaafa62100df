#include "analysis/apply_ownership.h"

#include "catch.h"

namespace panicscan {

TEST_CASE("a culprit that the user calls his own is his, and his team is named") {
  Culprit culprit;
  culprit.verdict = Verdict::third_party;
  culprit.bundle = culprit.image = "com.example.driver.port";
  const Ownership owners{{"com.example.driver"}, {{"com.example.*", "@drivers"}}};
  const Culprit own = analysis::apply_ownership(culprit, {}, owners);
  CHECK(own.verdict == Verdict::own);
  REQUIRE(own.because.size() == 2);
  CHECK(own.because[1].says == "looked after by @drivers");
  const Culprit other = analysis::apply_ownership(culprit, {}, {});
  CHECK(other.verdict == Verdict::third_party);
  CHECK(other.because.empty());
}

}  // namespace panicscan
