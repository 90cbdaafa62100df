#include "base/timestamp.h"

#include "catch.h"

namespace panicscan {

TEST_CASE("a time is read in every spelling that reports use") {
  constexpr std::int64_t kTime = 1'735'787'045;
  CHECK(parse_timestamp("2025-01-02 03:04:05.678901+0000") == kTime * 1'000'000 + 678'901);
  CHECK(parse_timestamp("2025-01-02 03:04:05.67 +0000") == kTime * 1'000'000 + 670'000);
  CHECK(parse_timestamp("2025-01-02T03:04:05Z") == kTime * 1'000'000);
  CHECK(parse_timestamp(" 2025-01-02 05:04:05.5 +02:00") == kTime * 1'000'000 + 500'000);
}

TEST_CASE("a time without a zone, or that no calendar has, is none") {
  for (const char* text : {"2025-01-02 03:04:05", "2025-13-02 03:04:05Z", "2025-02-30 03:04:05Z",
                           "2025-01-02 25:04:05Z", "yesterday", ""}) {
    INFO(text);
    CHECK_FALSE(parse_timestamp(text));
  }
}

TEST_CASE("a time is written in UTC, with the digits it has") {
  CHECK(utc_text(1'735'787'045'678'901) == "2025-01-02T03:04:05.678901Z");
  CHECK(utc_text(1'735'787'045'500'000) == "2025-01-02T03:04:05.5Z");
  CHECK(utc_text(1'735'787'040'000'000) == "2025-01-02T03:04:00Z");
  CHECK_FALSE(utc_text(-1));
  CHECK_FALSE(utc_text(std::int64_t{253'402'300'800} * 1'000'000));
}

}  // namespace panicscan
