#include "model/ownership.h"

#include "catch.h"

namespace panicscan {

TEST_CASE("a bundle id is one's own when it is named, or begins with the prefix and a dot") {
  const Ownership owners{{"com.example.driver"}, {}};
  CHECK(owners.is_own("com.example.driver"));
  CHECK(owners.is_own("com.example.driver.port"));
  CHECK_FALSE(owners.is_own("com.example.drivers"));
  CHECK_FALSE(owners.is_own("com.example"));
  CHECK_FALSE(Ownership{}.is_own("com.example.driver"));
}

TEST_CASE("the first pattern that fits the first name with an owner names the team") {
  const Ownership owners{{}, {{"com.example.*", "@drivers"}, {"PortScheduler::*", "@timing"}}};
  CHECK(owners.team_of(std::vector<std::string>{"", "PortScheduler::Arm"}) == "@timing");
  CHECK(owners.team_of(std::vector<std::string>{"com.example.port", "PortScheduler::Arm"}) ==
        "@drivers");
  CHECK(owners.team_of(std::vector<std::string>{"com.apple.driver"}).empty());
}

TEST_CASE("a star in a pattern stands for any characters") {
  CHECK(fits_pattern("*", ""));
  CHECK(fits_pattern("a*c", "abbc"));
  CHECK(fits_pattern("*b*c", "abcbc"));
  CHECK(fits_pattern("abc", "abc"));
  CHECK_FALSE(fits_pattern("a*c", "abb"));
  CHECK_FALSE(fits_pattern("abc", "abcd"));
  CHECK_FALSE(fits_pattern("", "a"));
  // What a naive matcher takes exponential time for.
  CHECK_FALSE(fits_pattern("*a*a*a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

}  // namespace panicscan
