#include "model/ownership.h"

#include "catch.h"

namespace panicscan {

TEST_CASE("a bundle id is one's own when it is named, or begins with the prefix and a dot") {
  const Ownership owners{{"com.example.driver"}, {}, {}};
  CHECK(owners.is_own("com.example.driver"));
  CHECK(owners.is_own("com.example.driver.port"));
  CHECK_FALSE(owners.is_own("com.example.drivers"));
  CHECK_FALSE(owners.is_own("com.example"));
  CHECK_FALSE(Ownership{}.is_own("com.example.driver"));
}

TEST_CASE("a process is one's own although the kernel cut its name off") {
  const std::string bundle = "com.example.driver.with.a.very.long.name";
  const Ownership owners{{bundle}, {}, {}};
  CHECK(owners.is_own(bundle.substr(0, 32)));
  CHECK_FALSE(owners.is_own(bundle.substr(0, 31)));
  CHECK_FALSE(owners.is_own("com.example.driver.without.a.lon"));
}

TEST_CASE("code of which there is a dSYM is one's own, and what the user named goes first") {
  const Ownership owners{{"com.example.disk"}, {}, {"com.example.disk", "com.example.port"}};
  CHECK(owners.why_own("com.example.disk") == "is named as your own code");
  CHECK(owners.why_own("com.example.port") == "is your own code: you gave its dSYM");
  CHECK(owners.why_own("com.example.other").empty());
  CHECK_FALSE(owners.is_own(""));
  CHECK(owners.knows_own());
  CHECK_FALSE(Ownership{}.knows_own());
}

TEST_CASE("the first pattern that fits the first name with an owner names the team") {
  const Ownership owners{{}, {{"com.example.*", "@drivers"}, {"PortScheduler::*", "@timing"}}, {}};
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
