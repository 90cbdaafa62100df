#include "facts_of.h"

using namespace panicscan;

namespace {
constexpr std::string_view kKernel = "watchdog.kernel";
constexpr std::string_view kUser = "watchdog.userspace";
constexpr std::string_view kService = "watchdog.service";
}  // namespace

TEST_CASE("watchdogd that stopped checking in") {
  const Facts facts = facts_of(
      "watchdog timeout: no checkins from watchdogd in 92 seconds (66 total checkins since "
      "monitoring last enabled)");
  CHECK(field(facts, kKernel, "waited") == "92 s");
  CHECK(field(facts, kKernel, "checkins") == "66");
  CHECK(field(facts, kKernel, "since") == "-");
  CHECK(field(facts, kKernel, "shutdown") == "no");
  CHECK(field(facts, "panic.class", "reporter") == "kernel");
}

TEST_CASE("watchdogd during a shutdown, and one that never checked in") {
  const Facts facts = facts_of(
      "watchdog timeout: no checkins from watchdogd in 300 seconds (4 total checkins since "
      "monitoring last enabled), shutdown in progress");
  CHECK(field(facts, kKernel, "shutdown") == "yes");
  CHECK(field(facts_of("watchdog timeout: no checkins from watchdogd since boot"), kKernel,
              "since") == "boot");
}

TEST_CASE("a service that watchdogd gave up on, with the records of all") {
  ReportBuilder builder = report_saying(
      "userspace watchdog timeout: no successful checkins from com.apple.WindowServer (2 induced "
      "crashes) in 120 seconds\n"
      "service returned not alive with context : is_alive_func returned unhealthy : main queue "
      "hung\n"
      "service: com.apple.logd, total successful checkins since load (1234 seconds ago): 123, last "
      "successful checkin: 0 seconds ago\n"
      "service: com.apple.WindowServer (2 induced crashes), total successful checkins since load "
      "(1200 "
      "seconds ago): 100, last successful checkin: 120 seconds ago\n"
      "service: com.apple.remoted, no successful checkins since load (120 seconds ago)\n");
  builder.panic().process_name = Sourced<std::string>{"watchdogd", {}};
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, kUser, "service") == "com.apple.WindowServer");
  CHECK(field(facts, kUser, "waited") == "120 s");
  CHECK(field(facts, kUser, "since") == "-");
  CHECK(field(facts, kUser, "induced_crashes") == "2");
  CHECK(field(facts, kUser, "context") == "is_alive_func returned unhealthy : main queue hung");
  CHECK(field(facts, kUser, "services") == "3");
  CHECK(count(facts, kService) == 3);
  CHECK(field(facts, kService, "service") == "com.apple.logd");
  CHECK(field(facts, kService, "checkins") == "123");
  CHECK(field(facts, kService, "last_checkin") == "0 s");
  CHECK(field(facts, "panic.class", "reporter") == "watchdogd");
  CHECK(field(facts, "panic.panicked", "messenger") == "yes");
  CHECK(facts.culprit.messenger == "watchdogd");
  CHECK(facts.culprit.image == "com.apple.WindowServer");
}

TEST_CASE("records of services may be fields of their own") {
  ReportBuilder builder = report_saying(
      "userspace watchdog timeout: no successful checkins from com.apple.WindowServer since load");
  builder.add_field("service",
                    "com.apple.WindowServer, no successful checkins since load (120 seconds ago)");
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, kUser, "since") == "load");
  CHECK(field(facts, kService, "checkins") == "0");
  CHECK(field(facts, kService, "last_checkin") == "-");
}

TEST_CASE("other ways to say since when") {
  const auto since = [](const char* message) { return field(facts_of(message), kUser, "since"); };
  CHECK(
      since("userspace watchdog timeout: no successful checkins from com.apple.logd since wake") ==
      "wake");
  CHECK(since("userspace watchdog timeout: com.apple.logd has not exited since first loaded") ==
        "load");
  CHECK(field(facts_of(
                  "userspace watchdog timeout: com.apple.logd has not exited since first loaded"),
              kUser, "service") == "com.apple.logd");
}

TEST_CASE("a transition that took too long names phase, bundle and thread") {
  ReportBuilder builder = report_saying(
      "Sleep transition timed out after 180 seconds while calling power state change callbacks. "
      "Suspected bundle: com.example.iokit.Host. Thread 0x12ee.\nFailure code:: 0x00000040 "
      "00000014\n");
  const Facts facts = facts_of(std::move(builder).build());
  constexpr std::string_view kSleep = "sleepwake.timeout";
  CHECK(field(facts, kSleep, "direction") == "sleep");
  CHECK(field(facts, kSleep, "waited") == "180 s");
  CHECK(field(facts, kSleep, "phase") == "calling power state change callbacks");
  CHECK(field(facts, kSleep, "bundle") == "com.example.iokit.Host");
  CHECK(field(facts, kSleep, "bundle_vendor") == "third_party");
  CHECK(field(facts, kSleep, "thread") == "4846");
  CHECK(field(facts, kSleep, "failure_code") == "0x00000040 00000014");
  CHECK(facts.culprit.verdict == Verdict::third_party);
  CHECK(facts.culprit.thread == ThreadId{0x12ee});
}

TEST_CASE("a hang in sleep or wake without details") {
  const Facts facts = facts_of("Sleep/Wake hang detected");
  CHECK(count(facts, "sleepwake.timeout") == 1);
  CHECK(field(facts, "sleepwake.timeout", "direction") == "-");
  CHECK(facts.culprit.verdict == Verdict::unknown);
}

TEST_CASE("a wrapped sentence of a transition is read across the line end") {
  const Facts facts = facts_of(
      "Wake transition timed out after 180 seconds while calling power state change\ncallbacks. "
      "Suspected bundle: org.example.rtsx.");
  CHECK(field(facts, "sleepwake.timeout", "phase") == "calling power state change callbacks");
  CHECK(field(facts, "sleepwake.timeout", "bundle") == "org.example.rtsx");
}
