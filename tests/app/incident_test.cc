#include "app/incident.h"

#include "base/timestamp.h"
#include "catch.h"

namespace panicscan::app {
namespace {

const Uuid kBoot = *parse_uuid("0F1E2D3C-4B5A-4978-8695-A4B3C2D1E0F1");
const Uuid kOtherBoot = *parse_uuid("1F1E2D3C-4B5A-4978-8695-A4B3C2D1E0F1");
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kPanicTime = 1'735'787'045 * kSecond;

Card panic_card(std::set<std::string> names = {}) {
  return {.kind = ReportKind::kernel_panic,
          .boot_session = {},
          .begin_us = kPanicTime - 3600 * kSecond,
          .end_us = kPanicTime,
          .names = std::move(names)};
}

Card card(ReportKind kind, std::optional<std::int64_t> end_us = {},
          std::set<std::string> names = {}) {
  return {.kind = kind,
          .boot_session = {},
          .begin_us = end_us,
          .end_us = end_us,
          .names = std::move(names)};
}

/// "0: 1 (why), 2 (why); 3": reports with their companions.
std::string described(const std::vector<Card>& cards) {
  std::string text;
  for (const Incident& incident : form_incidents(cards)) {
    text += (text.empty() ? "" : "; ") + std::to_string(incident.report);
    for (const JoinedFile& file : incident.companions)
      text += " + " + std::to_string(file.card) + " (" + file.because + ")";
  }
  return text;
}

}  // namespace

TEST_CASE("files of one boot session are one incident") {
  Card panic = panic_card(), crash = card(ReportKind::crash, kPanicTime - 12 * kSecond),
       log = card(ReportKind::log);
  panic.boot_session = crash.boot_session = log.boot_session = kBoot;
  CHECK(described({crash, panic, log}) ==
        "1 + 0 (same boot session 0F1E2D3C-4B5A-4978-8695-A4B3C2D1E0F1, 12 s before the panic) + 2 "
        "(same boot session 0F1E2D3C-4B5A-4978-8695-A4B3C2D1E0F1)");
}

TEST_CASE("files of different boot sessions are never joined") {
  Card panic = panic_card({"com.example.driver"}),
       crash = card(ReportKind::crash, kPanicTime - kSecond, {"com.example.driver"});
  panic.boot_session = kBoot;
  crash.boot_session = kOtherBoot;
  CHECK(described({panic, crash}) == "0; 1");
}

TEST_CASE("without a boot session, time and a driver's name decide") {
  const Card panic = panic_card({"com.example.driver", "ExampleNIC"});
  const auto crash = [](std::int64_t seconds, const char* name) {
    return card(ReportKind::crash, kPanicTime - seconds * kSecond, {name});
  };
  CHECK(described({panic, crash(12, "com.example.driver")}) ==
        "0 + 1 (both name com.example.driver, 12 s before the panic)");
  CHECK(described({panic, crash(12, "com.example.other")}) == "0; 1");
  CHECK(described({panic, crash(7200, "com.example.driver")}) == "0; 1");  // before the boot
  CHECK(described({panic, crash(-600, "com.example.driver")}) == "0; 1");  // long after
}

TEST_CASE("of several panics the one nearest in time gets the crash") {
  Card early = panic_card({"com.example.driver"}), late = early;
  late.end_us = kPanicTime + 60 * kSecond;
  const Card crash = card(ReportKind::crash, kPanicTime + 55 * kSecond, {"com.example.driver"});
  CHECK(described({early, late, crash}) ==
        "0; 1 + 2 (both name com.example.driver, 5 s before the panic)");
}

TEST_CASE("a log or registry dump belongs to the only panic, if its time allows") {
  CHECK(described({panic_card(), card(ReportKind::device_tree)}) ==
        "0 + 1 (given with only one panic)");
  CHECK(described({panic_card(), card(ReportKind::log, kPanicTime - 3 * kSecond)}) ==
        "0 + 1 (given with only one panic, ends 3 s before the panic)");
  CHECK(described({panic_card(), card(ReportKind::log, kPanicTime - 7200 * kSecond)}) == "0; 1");
  CHECK(described({panic_card(), panic_card(), card(ReportKind::device_tree)}) == "0; 1; 2");
}

TEST_CASE("what belongs to no panic is joined with a crash, and else stands alone") {
  const Card crash = card(ReportKind::crash, kPanicTime, {"com.example.driver"});
  const Card log = card(ReportKind::log, kPanicTime + kSecond, {"com.example.driver"});
  CHECK(described({log, crash}) ==
        "1 + 0 (both name com.example.driver, ends 1 s after the crash)");
  CHECK(described({log, card(ReportKind::other)}) == "0; 1");
}

TEST_CASE("a file named with --with belongs to every panic") {
  Card log = card(ReportKind::log);
  log.is_forced = true;
  CHECK(described({panic_card(), panic_card(), log}) ==
        "0 + 2 (named with --with); 1 + 2 (named with --with)");
}

TEST_CASE("without panic and crash, a registry dump belongs to the only log") {
  CHECK(described({card(ReportKind::device_tree), card(ReportKind::log)}) ==
        "1 + 0 (given with only one log)");
  CHECK(described({card(ReportKind::log), card(ReportKind::log), card(ReportKind::device_tree)}) ==
        "0; 1; 2");
  Card with = card(ReportKind::log);
  with.is_forced = true;
  CHECK(described({card(ReportKind::log), with}) == "0 + 1 (named with --with)");
}

TEST_CASE("sources belong to the only crash, and are no reports beside others") {
  Card source = card(ReportKind::other);
  source.is_source = true;
  CHECK(described({source, card(ReportKind::crash, kPanicTime)}) ==
        "1 + 0 (given with only one crash)");
  CHECK(described({source, card(ReportKind::crash), card(ReportKind::crash)}) == "1; 2");
  CHECK(described({source, source}) == "0; 1");
}

TEST_CASE("a log without a known line stands alone") {
  Card log = card(ReportKind::log);
  log.is_useful = false;
  CHECK(described({panic_card(), log}) == "0; 1");
}

}  // namespace panicscan::app
