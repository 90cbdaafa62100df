#include "parsers/message_text.h"

#include "catch.h"

namespace panicscan::parsers {
namespace {

std::string clean(std::string_view raw) {
  return std::string(clean_message(raw, 0, 0).text.text());
}

TEST_CASE("each style of decoration is taken off a message") {
  CHECK(clean("foo failed @foo.c:123") == "foo failed");
  CHECK(clean("\"foo failed\"@/AppleInternal/xnu/foo.c:123") == "foo failed");
  CHECK(clean("\"foo failed\" @Foo.cpp:77") == "foo failed");
  CHECK(clean("\"foo failed\"") == "foo failed");
  CHECK(clean("nvme: \"fatal error.\\n\" @Ctl.cpp:6112") == "nvme: fatal error.");
  CHECK(clean("\"void A::b(): \" \"timed out\" @A.cpp:3659") == "void A::b(): timed out");
  CHECK(clean("initproc exited -- exit reason namespace 2") ==
        "initproc exited -- exit reason namespace 2");
  CHECK(clean("\"foo failed\"@relative/dir/foo.cpp:78") == "foo failed");
}

TEST_CASE("only the outermost quotes go") {
  CHECK(clean("\"Manager panic for \"ExampleStore\": timeout\" @Manager.cpp:9") ==
        "Manager panic for \"ExampleStore\": timeout");
  CHECK(clean("zalloc: zone \"kalloc.64\" is full") == "zalloc: zone \"kalloc.64\" is full");
}

TEST_CASE("C escapes of a stringified message are undone once") {
  CHECK(clean("\"a\\tb \\\"c\\\" d\\\\e\" @a.c:1") == "a\tb \"c\" d\\e");
  CHECK(clean("plain \\n stays @a.c:1") == "plain \\n stays");
  CHECK(clean("\"doubly escaped\\\\n\" @a.c:1") == "doubly escaped");
}

TEST_CASE("an address with an @ is no source place") {
  CHECK(clean("bad object 0x12@0x34:56") == "bad object 0x12@0x34:56");
  CHECK_FALSE(trailing_source_place("mail me @example.com:80"));
}

TEST_CASE("the path behind the @ may be broken over lines") {
  const auto place = trailing_source_place("\"foo\"@/\nsome/where/zalloc.c:662");
  REQUIRE(place);
  CHECK(place->file == "zalloc.c");
  CHECK(place->line == 662);
}

TEST_CASE("assertions name their place inside the message") {
  const auto modern = source_place_inside("vm_map.c:612 Assertion failed: map != NULL");
  REQUIRE(modern);
  CHECK(modern->file == "vm_map.c");
  CHECK(modern->line == 612);
  const auto old = source_place_inside(
      "assertion failed: a == b, file: /Users/xxxx/xnu/bsd/net/if.c, line: 1113");
  REQUIRE(old);
  CHECK(old->file == "if.c");
  CHECK(old->line == 1113);
  CHECK_FALSE(source_place_inside("no place: 12 in here 1.5:3"));
}

TEST_CASE("every byte of a clean message knows where it came from") {
  const std::string_view raw = "\"one \" \"two\\nthree\" @a.c:1";
  const CleanMessage message = clean_message(raw, 0, 100);
  REQUIRE(message.text.text() == "one two\nthree");
  CHECK(message.text.to_parent(0) == 101);
  CHECK(message.text.to_parent(4) == 108);
  CHECK(message.text.to_parent(7) == 111);
  CHECK(message.text.to_parent(8) == 113);
}

TEST_CASE("a quote that is never closed is said to be cut") {
  const CleanMessage message = clean_message("\"foo fai", 0, 0);
  CHECK(message.is_cut);
  CHECK(message.text.text() == "foo fai");
}

}  // namespace
}  // namespace panicscan::parsers
