#include "parsers/log_text.h"

#include "catch.h"
#include "parsers/format.h"
#include "parsers/log_events.h"
#include "parsers/log_prefix.h"

namespace panicscan::parsers {
namespace {

Report read(std::string text, const Limits& limits = {}) {
  auto report = parse(source_from_text("system.log", std::move(text)), limits);
  REQUIRE(report.has_value());
  return *std::move(report);
}

std::string text_of(const LogEvent& event, std::string_view name) {
  for (const auto& [key, value] : event.values)
    if (key == name) return format(value);
  return "(none)";
}

constexpr const char* kMessage = "Driver com.example.driver.nic has crashed 3 time(s)";

}  // namespace

TEST_CASE("the same line is read from every style of log") {
  struct Row {
    const char* style;
    const char* before;
    const char* process;
  };
  const Row rows[] = {
      {"unified",
       "2025-01-02 03:04:05.678901+0000 0x1234     Default     0x0                  0      0    "
       "kernel: (IOKit) ",
       "kernel"},
      {"compact", "2025-01-02 03:04:05.678 Df  kernel[0:1234] (IOKit) ", "kernel"},
      {"syslog", "2025-01-02 03:04:05.678901+0000  localhost kernel[0]: (IOKit) ", "kernel"},
      {"syslog", "Jan  2 03:04:05 testmac kernel[0]: (IOKit) ", "kernel"},
      {"console", "default\t03:04:05.678901+0000\tkernel\t", "kernel"},
      {"console", "03:04:05.678901+0000  kernel  ", "kernel"},
      {"dmesg", "[   12.345678]: ", "kernel"},
      {"plain", "", ""},
  };
  for (const Row& row : rows) {
    INFO(row.before);
    const std::string line = std::string(row.before) + kMessage + "\n";
    const Report report = read(line + row.before + "nothing that we know\n");
    CHECK(report.kind == ReportKind::log);
    CHECK(report.format == "log");
    CHECK(report.log.style == row.style);
    CHECK(report.log.lines == 2);
    CHECK(report.log.unknown == 1);
    REQUIRE(report.log.events.size() == 1);
    const LogEvent& event = report.log.events.front();
    CHECK(event.kind == "dext-crash-count");
    CHECK(event.message == kMessage);
    CHECK(event.process == row.process);
    CHECK(text_of(event, "subject") == "com.example.driver.nic");
    CHECK(text_of(event, "count") == "3");
    CHECK(bytes_at(report, event.where) == line.substr(0, line.size() - 1));
  }
}

TEST_CASE("a line's time is known to the microsecond when it says its zone") {
  const auto at = [](const char* time) {
    return read(std::string(time) + " 0x1 Default 0x0 0 0 kernel: " + kMessage)
        .log.events.front()
        .unix_us;
  };
  CHECK(at("2025-01-02 03:04:05.678901+0000") == 1735787045678901);
  CHECK(at("2025-01-02 04:34:05.678901+0130") == 1735787045678901);
  CHECK(at("2025-01-01 22:04:05.678901-0500") == 1735787045678901);
  const Report compact = read(std::string("2025-01-02 03:04:05.678 E  kernel[0:3e8] ") + kMessage);
  CHECK(compact.log.events.front().unix_us == std::nullopt);
  CHECK(compact.log.events.front().level == "Error");
  CHECK(compact.log.events.front().thread == ThreadId{1000});
  CHECK(read(std::string("[   12.5]: ") + kMessage).log.events.front().since_boot_us == 12'500'000);
}

TEST_CASE("objects of log show are read, one a line or in an array, with their boot session") {
  const std::string entry =
      R"({"timestamp":"2025-01-02 03:04:05.678901+0000","bootUUID":"0F1E2D3C-4B5A-4978-8695-A4B3C2D1E0F1",)"
      R"("processImagePath":"\/kernel","processID":0,"threadID":77,"messageType":"Error",)"
      R"("senderImagePath":"\/System\/Library\/Extensions\/IOPCIFamily","eventMessage":"IOPCIDevice::ClientCrashed_Impl() for client ExampleNIC"})";
  const std::string other = R"({"timestamp":"2025-01-02 03:04:06.0+0000","eventMessage":"hello"})";
  for (const std::string& text :
       {entry + "\n" + other + "\n", "[" + entry + ",\n  " + other + "]"}) {
    const Report report = read(text);
    CHECK(report.log.style == "ndjson");
    CHECK(report.log.lines == 2);
    CHECK(report.log.unknown == 1);
    REQUIRE(report.log.events.size() == 1);
    const LogEvent& event = report.log.events.front();
    CHECK(event.kind == "pci-client-crashed");
    CHECK(event.process == "kernel");
    CHECK(event.sender == "IOPCIFamily");
    CHECK(text_of(event, "subject") == "ExampleNIC");
    CHECK(event.unix_us == 1735787045678901);
    REQUIRE(report.machine.boot_session);
    CHECK(to_string(report.machine.boot_session->value) == "0F1E2D3C-4B5A-4978-8695-A4B3C2D1E0F1");
  }
  CHECK(read(entry.substr(0, entry.size() - 4)).truncated);
}

TEST_CASE("known lines give what they name") {
  struct Row {
    const char* message;
    const char* kind;
    const char* field;
    const char* value;
  };
  const Row rows[] = {
      {"DK: ExampleNIC-0x100000abc::start(pci1000,97-0x1000004f0) ok", "dext-start", "subject",
       "ExampleNIC-0x100000abc"},
      {"DK: ExampleNIC-0x100000abc::start(pci1000,97-0x1000004f0) fail", "dext-start", "result",
       "fail"},
      {"DK: ExampleNIC-0x1->Stop(pci1000,97-0x2) returned e00002d8", "dext-stop-returned", "code",
       "0xe00002d8"},
      {"DK: com.example.driver.nic-0x9::kill(Power Management Failed)", "dext-kill", "reason",
       "Power Management Failed"},
      {"DK: ExampleNIC-0x1: provider entitlements check failed", "dext-entitlements", "reason",
       "provider"},
      {"DK: ExampleUC-0x1:UC failed userclient-access check, needed bundle ID com.example.driver",
       "user-client-denied", "object", "com.example.driver"},
      {"DK: ExampleUC-0x1:UC entitlements check failed", "user-client-denied", "reason",
       "entitlements check failed"},
      {"DK: ExampleNIC-0x1 user server timeout", "dext-launch-timeout", "subject",
       "ExampleNIC-0x1"},
      {"DK: arming ack timer, 30000 ms", "pm-ack-timer-armed", "waited", "30000 ms"},
      {"ExampleNIC::setPowerState(0x12345678, 0 -> 2) timed out after 21257 ms",
       "pm-set-power-timeout", "waited", "21257 ms"},
      {"ExampleBridge::powerStateWillChangeTo(0x1, ExampleNIC, 2 -> 0) timed out after 15000 ms",
       "pm-interest-timeout", "reason", "Will"},
      {"PM waiting on pmDriverCallout(0x1) to ExampleNIC (2000 ms)", "pm-waiting", "subject",
       "ExampleNIC"},
      {"busy timeout[0], (60s): 'ExampleNIC' (1e,4020001)", "iokit-busy", "reason",
       "'ExampleNIC' (1e,4020001)"},
      {"IOPCIDevice::ClientCrashed_Impl() PCIDriverKit client, ExampleNIC, crashed for device "
       "pci1000,97[2:0:0], attempting to recover",
       "pci-client-recovery", "bdf", "2:0:0"},
      {"PCIDriverKit client ExampleNIC does not have open session with device pci1000,97[2:0:0], "
       "skipping recovery",
       "pci-client-no-session", "object", "pci1000,97"},
      {"apciec[pcic0-bridge]::handleCompletionTimeoutInterrupt Completion timeout detected at "
       "address 0x380000010",
       "pcie-completion-timeout", "address", "0x0000000380000010"},
      {"Assertion failed: (notsync || !remote || queue->OnQueue()), function Invoke, file "
       "uioserver.cpp, line 1654.",
       "dext-assertion", "expression", "notsync || !remote || queue->OnQueue()"},
      {"com.example.driver.nic[612] Corpse allowed 1 of 5", "corpse-allowed", "subject",
       "com.example.driver.nic"},
      {"com.example.driver.nic[612] Corpse failure, too many 6", "corpse-lost", "count", "6"},
      {"Formulating fatal 309 report for corpse[612] com.example.driver.nic", "report-begun", "pid",
       "612"},
      {"Saved type '309(<private>)' report (2 of max 25) at /Library/Logs/DiagnosticReports/a.ips",
       "report-saved", "path", "/Library/Logs/DiagnosticReports/a.ips"},
      {"ExampleHBA: request ring: DMA segment 0x80004000 + 0x4000", "dma-segment", "address",
       "0x0000000080004000"},
      {"IOUserServerName \"org.example.server\" not correct organization for bundleID "
       "\"com.example.driver\"",
       "dext-organisation", "subject", "com.example.driver"},
  };
  for (const Row& row : rows) {
    INFO(row.message);
    const auto known = read_log_message(row.message);
    REQUIRE(known);
    CHECK(known->pattern->kind == row.kind);
    std::string value = "(none)";
    for (const auto& [name, captured] : known->captures)
      if (name == row.field) value = format(captured);
    CHECK(value == row.value);
  }
}

TEST_CASE("every pattern has a kind, a meaning, and a literal of four characters") {
  for (const LogPattern& pattern : log_patterns()) {
    INFO(pattern.line);
    CHECK_FALSE(pattern.kind.empty());
    CHECK_FALSE(pattern.says.empty());
    CHECK(LineTemplate(pattern.line).longest_literal().size() >= 4);
  }
}

TEST_CASE("a log that holds a whole panic is read as the panic") {
  const std::string prefix = "2025-01-02 03:04:05.678901+0000 0x1 Default 0x0 0 0 kernel: ";
  const Report report = read(prefix + kMessage + "\n" + prefix +
                             "panic(cpu 1 caller 0xfffffe0012345678): example @x.c:1\n" + prefix +
                             "Debugger message: panic\n");
  CHECK(report.kind == ReportKind::kernel_panic);
}

TEST_CASE("prose that quotes a line of the log is no log") {
  const auto report =
      parse(source_from_text("README.md", std::string("A file.\n\nIt explains\nthat lines like\n") +
                                              kMessage + "\nare\nprinted\nat\nevery\nlaunch.\n"));
  CHECK_FALSE(report.has_value());
}

TEST_CASE("events beyond the limit are counted and said") {
  Limits limits;
  limits.log_events = 2;
  std::string text;
  for (int i = 0; i < 5; ++i) text += std::string("[  1.5]: ") + kMessage + "\n";
  const Report report = read(text, limits);
  CHECK(report.log.events.size() == 2);
  CHECK(report.truncated);
  REQUIRE(report.notes.size() == 1);
  CHECK(report.notes.front().text ==
        "3 further events are left out: more than the limit of 2 (--limit-log-events)");
}

}  // namespace panicscan::parsers
