// Several lines of the log together: was a service started, and which calls are not supported.
#include "facts_of.h"
#include "parsers/format.h"

using namespace panicscan;

namespace {

constexpr const char* kPrefix =
    "2025-01-02 03:04:05.678901+0000 0x1234     Default     0x0                  0      0    "
    "kernel: ";
constexpr const char* kOwn = "(com.example.driver.raid) ";

Report read(const std::vector<std::string>& lines, const char* prefix = kPrefix) {
  std::string text;
  for (const std::string& line : lines) text += prefix + line + "\n";
  auto report = parsers::parse(source_from_text("log", text));
  REQUIRE(report.has_value());
  return *std::move(report);
}

Report registry(const std::string& kernel_class) {
  return read({"+-o Root  <class IORegistryEntry, id 0x100000100, retain 9>",
               "  +-o ExampleHBA  <class " + kernel_class +
                   ", id 0x100000a15, registered, matched, active, busy 0, retain 6>",
               "      {", "        \"IOUserClass\" = \"ExampleHBA\"",
               "        \"IOUserServerName\" = \"com.example.driver.raid\"", "      }"},
              "");
}

Facts facts_of_both(const Report& log, Report other) {
  Companion companion;
  companion.report = std::move(other);
  const std::vector<Companion> companions{std::move(companion)};
  return analysis::analyze(log, place_frames(log), symbols_in_report(log), companions);
}

}  // namespace

TEST_CASE("that the kernel started a service does not say that its own Start ran") {
  const std::string started = "DK: ExampleHBA-0x100000a15::start(pci1000,97-0x100000523) ok";
  const auto is_started = [](const Facts& facts) {
    return field(facts, "dext.service", "started");
  };
  CHECK(field(facts_of(read({started})), "dext.service", "start_ok") == "yes");
  CHECK(is_started(facts_of(read({started}))) == "-");
  CHECK(is_started(facts_of(read({started, kOwn + std::string("ExampleHBA: Start")}))) == "yes");
  CHECK(is_started(facts_of(read({started, kOwn + std::string("ExampleHBA: init")}))) == "no");
  // IOService::start sends nothing, and IOUserService::start fails when Start does.
  CHECK(is_started(facts_of_both(read({started}), registry("IOService"))) == "no");
  CHECK(is_started(facts_of_both(read({started}), registry("IOUserService"))) == "yes");
}

TEST_CASE("a service is known by its process") {
  const Facts facts = facts_of(
      read({"DK: ExampleHBA-0x100000a15 waiting for server com.example.driver.raid-100000a10",
            "DK: ExampleHBA-0x100000a15::start(pci1000,97-0x100000523) ok"}));
  CHECK(field(facts, "dext.service", "name") == "ExampleHBA");
  CHECK(field(facts, "dext.service", "server") == "com.example.driver.raid");
  CHECK(field(facts, "dext.service", "provider") == "pci1000,97");
  CHECK(field(facts, "dext.service", "crashed") == "-");
}

TEST_CASE("unsupported calls are counted once each, with the class that their family needs") {
  const Report log = read({kOwn + std::string("ExampleHBA: UserReportHBAConstraints 0xe00002c7"),
                           kOwn + std::string("ExampleHBA: UserReportHBAConstraints 0xe00002c7"),
                           kOwn + std::string("ExampleHBA: SetProperties 0xe00002c7"),
                           kOwn + std::string("ExampleHBA: RegisterService 0xe00002d8")});
  const Facts facts = facts_of_both(log, registry("IOUserService"));
  CHECK(field(facts, "dext.unsupported", "count") == "2");
  CHECK(field(facts, "dext.unsupported", "wanted_class") ==
        "IOUserSCSIParallelInterfaceController");
  CHECK(field(facts, "dext.unsupported", "fits") == "no");
  CHECK(field(facts_of_both(log, registry("IOUserSCSIParallelInterfaceController")),
              "dext.unsupported", "fits") == "yes");
  CHECK(field(facts_of(log), "dext.unsupported", "fits") == "-");
  CHECK(evidence(log, facts, "dext.unsupported").ends_with("UserReportHBAConstraints 0xe00002c7"));
}
