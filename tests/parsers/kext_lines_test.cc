#include "parsers/kext_lines.h"

#include "catch.h"
#include "tests/parsers/panic_reading.h"

namespace panicscan::parsers {
namespace {

TEST_CASE("abbreviated kext names are expanded") {
  CHECK(expand_kext_name(">usb.!UXHCIPCI") == "com.apple.driver.usb.AppleUSBXHCIPCI");
  CHECK(expand_kext_name("|IO!BHost!CUSBTransport") ==
        "com.apple.iokit.IOBluetoothHostControllerUSBTransport");
  CHECK(expand_kext_name("$sandbox") == "com.apple.security.sandbox");
  CHECK(expand_kext_name("@kec.corecrypto") == "com.apple.kec.corecrypto");
  CHECK(expand_kext_name(">!AHDA") == "com.apple.driver.AppleHDA");
  CHECK(expand_kext_name("com.example.driver.Foo") == "com.example.driver.Foo");
  CHECK(expand_kext_name("") == "");
}

TEST_CASE("range lines are read with any of their parts missing") {
  const auto full = read_kext_range(
      "   com.example.Foo(1.2.3d1)[22222222-3333-4444-5555-666666666666]@0x1000->0x1fff");
  REQUIRE(full);
  CHECK(full->version == "1.2.3d1");
  CHECK(full->last == Address{0x1fff});
  CHECK(read_kext_range("com.example.Foo(1)[22222222-3333-4444-5555-666666666666]@0x1000")->start ==
        Address{0x1000});
  CHECK_FALSE(read_kext_range("com.example.Foo(1)")->start);
  CHECK_FALSE(read_kext_range("com.example.Foo(1)[00000000-0000-0000-0000-000000000000]")->uuid);
  CHECK_FALSE(read_kext_range("a sentence (with brackets)"));
  CHECK_FALSE(read_kext_range("com.example.Foo"));
}

TEST_CASE("lines of the loaded list are read with and without their TAB") {
  CHECK(read_loaded_kext("com.example.Foo\t1.0")->version == "1.0");
  CHECK(read_loaded_kext("com.example.Foo    1.0")->bundle_id == "com.example.Foo");
  CHECK(read_loaded_kext(">AGPM\t129")->bundle_id == "com.apple.driver.AGPM");
  CHECK_FALSE(read_loaded_kext("(End of excerpt)"));
  CHECK_FALSE(read_loaded_kext("just some words"));
  CHECK_FALSE(read_loaded_kext("com.example.Foo"));
}

TEST_CASE("a range that ends before it begins is damage, not an image") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xfffffe0024001234): x @a.c:1\n      Kernel Extensions in backtrace:\n"
      "   com.example.Foo(1)[22222222-3333-4444-5555-666666666666]@0x2000->0x1fff\n");
  CHECK(report.images.empty());
  CHECK(report.panic->kexts.size() == 1);
  CHECK(count_notes(report, NoteKind::damaged) == 1);
}

TEST_CASE("a kext named twice is one image") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xfffffe0024001234): x @a.c:1\n      Kernel Extensions in backtrace:\n"
      "   com.example.Foo(1)[22222222-3333-4444-5555-666666666666]@0x2000->0x2fff\n"
      "   com.example.Bar(1)[22222222-3333-4444-5555-666666666667]@0x3000->0x3fff\n"
      "      dependency: "
      "com.example.Foo(1)[22222222-3333-4444-5555-666666666666]@0x2000->0x2fff\n");
  CHECK(report.images.size() == 2);
  CHECK(report.panic->kexts[2].image == report.panic->kexts[0].image);
}

TEST_CASE("an empty list of kexts is no unknown line") {
  const Report report =
      read_panic("panic(cpu 0 caller 0xfffffe0024001234): x @a.c:1\nloaded kexts:\n(none)\n");
  CHECK(report.panic->kexts.empty());
  CHECK(count_notes(report, NoteKind::unknown_line) == 0);
}

TEST_CASE("old names for started and stopped kexts are known") {
  const Report report = read_panic(
      "panic(cpu 0 caller 0xffffff8012345678): x @a.c:1\n"
      "last loaded kext at 12: com.example.Foo\t1.0 (addr 0xffffff7f98349000, size 28672)\n"
      "last unloaded kext at 13: com.example.Bar 2.0 (addr 0xffffff7f98349000, size 1)\n");
  REQUIRE(report.panic->kexts.size() == 2);
  CHECK(report.panic->kexts[0].list == KextList::last_started);
  CHECK(report.panic->kexts[1].list == KextList::last_stopped);
  CHECK(report.panic->kexts[1].version == "2.0");
}

}  // namespace
}  // namespace panicscan::parsers
