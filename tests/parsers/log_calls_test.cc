#include "parsers/log_calls.h"

#include "catch.h"
#include "model/value.h"

using namespace panicscan;
using namespace panicscan::parsers;

namespace {

constexpr std::string_view kSender = "com.example.driver.nic";

/// "kind name=value…", or "-" when the line is none.
std::string read(std::string_view sender, std::string_view message) {
  const auto known = read_own_line(sender, message);
  if (!known) return "-";
  std::string text(known->pattern->kind);
  for (const auto& [name, value] : known->captures) text += " " + name + "=" + format(value);
  return text;
}

}  // namespace

TEST_CASE("the result of a call is read however a driver extension words it") {
  const std::string expected =
      "dext-call-result subject=ExampleHBA function=UserReportHBAConstraints code=0xe00002c7";
  CHECK(read(kSender, "ExampleHBA: UserReportHBAConstraints 0xe00002c7") == expected);
  CHECK(read(kSender, "ExampleHBA::UserReportHBAConstraints_Impl failed: e00002c7") == expected);
  CHECK(read(kSender, "ExampleHBA: UserReportHBAConstraints() = -536870201") == expected);
  CHECK(read(kSender, "PrepareForDMA 0xe00002be, maxAddressBits 31") ==
        "dext-call-result function=PrepareForDMA code=0xe00002be address_bits=31");
}

TEST_CASE("a method without a result counts when the class and the extension are named") {
  CHECK(read(kSender, "ExampleNIC: Start") == "dext-method subject=ExampleNIC function=Start");
  CHECK(read("kernel", "ExampleNIC: Start") == "-");
  CHECK(read(kSender, "Start of something") == "-");
}

TEST_CASE("other codes and other programs are not results of calls") {
  CHECK(read(kSender, "ExampleHBA: UserReportHBAConstraints 0x0") ==
        "dext-method subject=ExampleHBA function=UserReportHBAConstraints");
  CHECK(read("", "AppleThing: Start failed 0xe00002c7") == "-");
  CHECK(read("", "ExampleHBA: UserReportHBAConstraints 0xe00002c7") != "-");
  CHECK(read(kSender, "ExampleNIC: reset 0xe00002c7") == "-");
  CHECK(read(kSender, "") == "-");
}
