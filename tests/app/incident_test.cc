#include "app/incident.h"

#include "base/timestamp.h"
#include "catch.h"
#include "parsers/format.h"

namespace panicscan::app {
namespace {

const Uuid kBoot = *parse_uuid("0F1E2D3C-4B5A-4978-8695-A4B3C2D1E0F1");
const Uuid kOtherBoot = *parse_uuid("1F1E2D3C-4B5A-4978-8695-A4B3C2D1E0F1");
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kPanicTime = 1'735'787'045 * kSecond;

Card panic_card(std::set<std::string> names = {}) {
  Card panic;
  panic.kind = ReportKind::kernel_panic;
  panic.begin_us = kPanicTime - 3600 * kSecond;
  panic.end_us = kPanicTime;
  panic.names = std::move(names);
  return panic;
}

Card card(ReportKind kind, std::optional<std::int64_t> end_us = {},
          std::set<std::string> names = {}) {
  Card file;
  file.kind = kind;
  file.begin_us = file.end_us = end_us;
  file.names = std::move(names);
  return file;
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

TEST_CASE("a log or registry dump about another driver does not belong to the only panic") {
  for (const ReportKind kind : {ReportKind::log, ReportKind::device_tree}) {
    Card panic = panic_card({"com.example.driver"}), file = card(kind, {}, {"com.example.other"});
    panic.drivers = panic.names;
    file.drivers = file.names;
    CHECK(described({panic, file}) == "0; 1");
    // Time alone does not help when each says whom it is about.
    file.begin_us = file.end_us = kPanicTime - kSecond;
    CHECK(described({panic, file}) == "0; 1");
    // One that names the driver among others does belong.
    file.names.insert("com.example.driver");
    CHECK(described({panic, file}).starts_with("0 + 1 (both name com.example.driver, "));
    // So does one about a driver when the panic names none.
    CHECK(described({panic_card(), file}).starts_with("0 + 1 (given with only one panic, "));
  }
}

TEST_CASE("a log that ends long before the only panic, and names nothing of it, stands alone") {
  const auto log = [](std::int64_t seconds) {
    return card(ReportKind::log, kPanicTime - seconds * kSecond, {"ExampleNIC"});
  };
  CHECK(described({panic_card(), log(1800)}) == "0; 1");
  CHECK(described({panic_card(), log(300)}) ==
        "0 + 1 (given with only one panic, ends 300 s before the panic)");
  CHECK(described({panic_card({"ExampleNIC"}), log(1800)}) ==
        "0 + 1 (both name ExampleNIC, ends 1800 s before the panic)");
}

TEST_CASE("files of different models of machine are not joined") {
  Card panic = panic_card({"com.example.driver"}),
       crash = card(ReportKind::crash, kPanicTime - kSecond, {"com.example.driver"}),
       tree = card(ReportKind::device_tree);
  panic.product = "Mac14,2";
  crash.product = tree.product = "Mac15,3";
  CHECK(described({panic, crash, tree}) == "0; 1 + 2 (given with only one crash)");
  crash.product = tree.product = "Mac14,2";
  CHECK(described({panic, crash, tree}) ==
        "0 + 1 (both name com.example.driver, 1 s before the panic) + 2 (given with only one "
        "panic)");
}

TEST_CASE("a card tells third-party drivers, the process and the model from other names") {
  const auto report = parsers::parse(source_from_text(
      "panic",
      "panic(cpu 0 caller 0xfffffe0012345678): com.example.nic: queue of com.apple.iokit.IOX"
      " stopped @nic.cpp:1\nPanicked task 0xfffffe1000000000: 10 pages, 2 threads: pid 77: "
      "exampled\n"));
  REQUIRE(report);
  const Card card = make_card(*report);
  CHECK(card.drivers == std::set<std::string>{"com.example.nic"});
  CHECK(card.names.contains("com.apple.iokit.IOX"));
  CHECK(card.names.contains("exampled"));
  for (const std::string model : {"\"Mac14,2\"", "4d616331342c3200"}) {
    const auto tree = parsers::parse(source_from_text(
        "tree",
        "+-o Root  <class IORegistryEntry, id 0x100000100, retain 24>\n"
        "  +-o J413AP  <class IOPlatformExpertDevice, id 0x100000101, registered, matched, "
        "active, busy 0 (0 ms), retain 40>\n    {\n      \"model\" = <" +
            model + ">\n    }\n"));
    REQUIRE(tree);
    CHECK(make_card(*tree).product == "Mac14,2");
  }
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
