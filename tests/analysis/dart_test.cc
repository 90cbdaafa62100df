#include "facts_of.h"

using namespace panicscan;

namespace {
constexpr std::string_view kDart = "dart.error";

ReportBuilder from_file(std::string_view message, std::string file) {
  ReportBuilder builder = report_saying(message);
  builder.panic().source_file = Sourced<std::string>{std::move(file), {}};
  return builder;
}
}  // namespace

TEST_CASE("a DART exception of macOS 26 without a translation table") {
  const std::string message =
      "dart-apciec0 (0xfffffe24ccd2a000): DART DART exception SID 0 ERROR_STATUS 0x80000001 "
      "ERROR_ADDRESS 0x0000000080000000 (no exceptionInfo)";
  const Report report = report_saying(message).build();
  const Facts facts = facts_of(report);
  CHECK(field(facts, kDart, "dart") == "dart-apciec0");
  CHECK(field(facts, kDart, "device_class") == "pcie");
  CHECK(field(facts, kDart, "base") == "0xfffffe24ccd2a000");
  CHECK(field(facts, kDart, "sid") == "0");
  CHECK(field(facts, kDart, "status") == "0x80000001");
  CHECK(field(facts, kDart, "stream") == "0");
  CHECK(field(facts, kDart, "code") == "no-ttbr");
  CHECK(field(facts, kDart, "fault") == "no-ttbr");
  CHECK(field(facts, kDart, "chip") == "t8110");
  CHECK(field(facts, kDart, "dva") == "0x0000000080000000");
  CHECK(field(facts, kDart, "at_window_base") == "yes");
  CHECK(field(facts, kDart, "style") == "exception");
  CHECK(field(facts, "panic.class", "class") == "dart-fault");
  CHECK(evidence(report, facts, kDart, 1) == "ERROR_ADDRESS 0x0000000080000000");
  CHECK(facts.culprit.verdict == Verdict::unknown);
}

TEST_CASE("an older DART error names cause, direction and table walk in words") {
  const std::string message =
      "dart-apcie1 (0xfffffe1b6e9c4000): DART(DART) error: SID 1 PTE invalid exception on write of "
      "DVA 0xad8000 (TTBR 0 SEG 0 PTE 0x2b6) ERROR_STATUS 0x81000404 TIME 0x0 TTE 0 AXI_ID 0";
  SECTION("the driver's file says which layout applies") {
    const Facts facts = facts_of(from_file(message, "AppleT6000DART.cpp").build());
    CHECK(field(facts, kDart, "chip") == "t6000");
    CHECK(field(facts, kDart, "stream") == "1");
    CHECK(field(facts, kDart, "code") == "no-pte");
    CHECK(field(facts, kDart, "fault") == "no-pte");
    CHECK(field(facts, kDart, "direction") == "write");
    CHECK(field(facts, kDart, "dva") == "0x0000000000ad8000");
    CHECK(field(facts, kDart, "walk") == "TTBR 0 SEG 0 PTE 0x2b6");
    CHECK(field(facts, kDart, "style") == "error");
    CHECK(field(facts, kDart, "at_window_base") == "no");
    CHECK(decoded(facts, kDart, "code bits") == "0x400: without a known meaning");
  }
  SECTION("without the file, the SID in the text settles it") {
    const Facts facts = facts_of(message);
    CHECK(field(facts, kDart, "chip") == "other");
    CHECK(field(facts, kDart, "stream") == "1");
    CHECK(field(facts, kDart, "code") == "no-pte");
  }
}

TEST_CASE("the two layouts read the same status word differently") {
  const std::string message =
      "dart-ave (0x1): DART(DART) error: SID 0 PTE invalid exception on write of DVA 0x10 (TTBR 0) "
      "ERROR_STATUS 0x90000008";
  CHECK(field(facts_of(from_file(message, "AppleT8110DART.cpp").build()), kDart, "code") ==
        "no-pte");
  CHECK(field(facts_of(from_file(message, "AppleT8020DART.cpp").build()), kDart, "code") ==
        "write");
  // Either way the words win.
  CHECK(field(facts_of(from_file(message, "AppleT8020DART.cpp").build()), kDart, "fault") ==
        "no-pte");
}

TEST_CASE("the wording of the SMMU days") {
  const Facts facts = facts_of(
      "dart-disp0 (0xffffffe0): SMMU(SMMU) error: SID 4 PTE invalid exception on read of DVA "
      "0x5000 (SEG 1 PTE 2)");
  CHECK(field(facts, kDart, "dart") == "dart-disp0");
  CHECK(field(facts, kDart, "device_class") == "display");
  CHECK(field(facts, kDart, "fault") == "no-pte");
  CHECK(field(facts, kDart, "direction") == "read");
  CHECK(field(facts, kDart, "status") == "-");
  CHECK(facts.culprit.verdict == Verdict::apple);
}

TEST_CASE("the name of a DART tells what is behind it") {
  const auto device = [](std::string name) {
    return field(facts_of(name + " (0x1): DART DART exception SID 0 ERROR_STATUS 0x80000001 "
                                 "ERROR_ADDRESS 0x1"),
                 kDart, "device_class");
  };
  CHECK(device("dart-apcie0") == "pcie");
  CHECK(device("dart-dispext0") == "display");
  CHECK(device("dart-dcp") == "display");
  CHECK(device("dart-isp0") == "media");
  CHECK(device("dart-usb0") == "other");
}

TEST_CASE("a failed check of the DART driver is no access that was stopped") {
  const Facts facts = facts_of("(dart-apciec2) AppleT8110DART.cpp:2183: REQUIRE failed");
  CHECK(count(facts, kDart) == 0);
  CHECK(field(facts, "panic.class", "class") == "assertion");
}

TEST_CASE("the page table monitor's words about a DART") {
  const Facts facts = facts_of(
      "[SPTM] VIOLATION_T8110_DART_INVALID_ERR_MASK: "
      "validate_t8110dart_err_mask(t8110dart_validation.h:324) "
      "state->dart_id(0xd), err_mask(0x80180000)");
  CHECK(field(facts, "sptm.violation", "name") == "T8110_DART_INVALID_ERR_MASK");
  CHECK(field(facts, "sptm.violation", "is_dart") == "yes");
  CHECK(field(facts, "sptm.violation", "dart_id") == "0xd");
  CHECK(field(facts, "sptm.violation", "err_mask") == "0x80180000");
  CHECK(field(facts, "panic.class", "reporter") == "monitor");
  CHECK(count(facts, kDart) == 0);
  CHECK(field(facts_of("[SPTM] VIOLATION_ILLEGAL_RETYPE: x"), "sptm.violation", "is_dart") == "no");
}
