#include "parsers/panic_head.h"

#include "catch.h"

namespace panicscan::parsers {
namespace {

TEST_CASE("the head line is found in every release's spelling") {
  const auto modern = read_panic_head("panic(cpu 3 caller 0xfffffe00240b1238): boom", true);
  REQUIRE(modern);
  CHECK(modern->cpu == "3");
  CHECK(modern->caller == "0xfffffe00240b1238");
  CHECK(modern->message == "boom");
  const auto old = read_panic_head("  panic (cpu 12 caller 0x002ABF6E): \"boom\"@/a/b.c:1", true);
  REQUIRE(old);
  CHECK(old->cpu == "12");
  CHECK(old->caller == "0x002ABF6E");
  const auto redacted = read_panic_head("panic(cpu N caller ...): boom", true);
  REQUIRE(redacted);
  CHECK(redacted->caller == "...");
  CHECK(read_panic_head("panic(cpu 0): boom", true)->message == "boom");
}

TEST_CASE("a head line may follow other text only when nothing has been read yet") {
  const std::string_view line =
      "a driver's last words, cut opanic(cpu 0 caller 0xfffffe0000000001): x";
  REQUIRE(read_panic_head(line, true));
  CHECK(read_panic_head(line, true)->prefix == "a driver's last words, cut o");
  CHECK_FALSE(read_panic_head(line, false));
  CHECK(read_panic_head("\"panicString\" : \"panic(cpu 0 caller 0x1): x", false));
}

TEST_CASE("words about panics are no head line") {
  for (const auto* line : {"panic", "kernel panic on wake", "panic(boom)", "panic(cpu",
                           "panic(cpu 1", "_panic + 0x54", "panicking (cpu 1): x", ""})
    CHECK_FALSE(read_panic_head(line, true));
}

TEST_CASE("a coprocessor is known by how its message begins") {
  CHECK(coprocessor_of("DCP PANIC - ASSERT") == "DCP");
  CHECK(coprocessor_of("DCPEXT0 PANIC - x") == "DCPEXT0");
  CHECK(coprocessor_of("SEP Panic: :sks") == "SEP");
  CHECK(coprocessor_of("[SPTM] VIOLATION_X") == "SPTM");
  CHECK(coprocessor_of("a PANIC in words") == "");
  CHECK(coprocessor_of("") == "");
}

}  // namespace
}  // namespace panicscan::parsers
