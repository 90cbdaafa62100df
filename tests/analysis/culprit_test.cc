// Whose code is to blame: each verdict, with the reason that is given for it.

#include "analysis/apply_ownership.h"
#include "analysis/facts_of.h"

namespace panicscan {
namespace {

std::string reason(const Facts& facts) {
  return facts.culprit.because.empty() ? "-" : facts.culprit.because.front().says;
}

/// A registry that stays busy because a driver extension does not come back from Stop().
Report stuck_in_stop(const std::string& bundle) {
  ReportBuilder builder = report_saying("busy timeout[0], (60s): 'ExamplePort' (1,1812001)");
  builder.panic().process_name = Sourced<std::string>{"kernel_task", {}};
  Process process;
  process.id = {612};
  process.name = bundle;
  builder.begin_process(process);
  Thread thread;
  thread.id = {51};
  thread.state = {"TH_WAIT"};
  Frame frame = frame_at(0x1000);
  frame.reported_symbol = "ExamplePort::Stop_Impl(IOService*)";
  thread.user_stack = builder.add_frames({frame});
  builder.add_thread(thread);
  return std::move(builder).build();
}

}  // namespace

TEST_CASE("a message that names nobody is put to nobody, and the reason says so") {
  const Facts facts = facts_of("something that no analysis knows");
  CHECK(facts.culprit.verdict == Verdict::unknown);
  CHECK(reason(facts) == "nothing in the report points at somebody's code");
}

TEST_CASE("faulty memory is the hardware's") {
  ReportBuilder builder = report_saying(
      "Kernel data abort. at pc 0xfffffe0024095000, lr 0xfffffe0024095010 (saved state: "
      "0xfffffe3000000000)");
  add_arm_layout(builder);
  // ESR_EL1: data abort from the current exception level (EC 0x25), DFSC 0x18: a parity or ECC
  // error, not on a walk of the tables.
  add_registers(builder, {{"esr", 0x96000018}, {"far", 0x1000}});
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(facts.culprit.verdict == Verdict::hardware);
  CHECK(reason(facts) == "the memory is faulty: a parity or ECC error");
}

TEST_CASE("a coprocessor's firmware and the chip's own units are Apple's") {
  CHECK(facts_of("DCP PANIC - ASSERTION at 0x1 - iomfb_driver(12)").culprit.verdict ==
        Verdict::apple);
  const Facts display = facts_of(
      "dart-disp0 (0xfffffe24ccd2a000): DART DART exception SID 0 ERROR_STATUS 0x80000008 "
      "ERROR_ADDRESS 0x1c44000 (no exceptionInfo)");
  CHECK(display.culprit.verdict == Verdict::apple);
  CHECK(reason(display).find("display and media") != std::string::npos);
}

TEST_CASE("who holds up the registry is third party, until the user calls him his own") {
  const Report report = stuck_in_stop("com.example.driver.port");
  const Facts facts = facts_of(report);
  CHECK(facts.culprit.verdict == Verdict::third_party);
  CHECK(facts.culprit.bundle == "com.example.driver.port");
  CHECK(reason(facts) == "one of its threads works for a service that keeps the I/O registry busy");
  const Ownership owners{{}, {}, {"com.example.driver.port"}};
  const Culprit own = analysis::apply_ownership(facts.culprit, symbols_in_report(report), owners);
  CHECK(own.verdict == Verdict::own);
  CHECK(own.because.size() == facts.culprit.because.size() + 1);
}

TEST_CASE("one of Apple's driver extensions that holds up the registry is Apple's") {
  const Facts facts = facts_of(stuck_in_stop("com.apple.DriverKit-ExamplePort"));
  CHECK(facts.culprit.verdict == Verdict::apple);
  CHECK(facts.culprit.bundle == "com.apple.DriverKit-ExamplePort");
}

TEST_CASE("who delivers the news is told from who made it") {
  ReportBuilder builder = report_saying(
      "userspace watchdog timeout: no successful checkins from com.apple.WindowServer in 120 "
      "seconds");
  builder.panic().process_name = Sourced<std::string>{"watchdogd", {}};
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(facts.culprit.messenger == "watchdogd");
  CHECK(facts.culprit.verdict == Verdict::unknown);
  CHECK(facts.culprit.image == "com.apple.WindowServer");
  CHECK(reason(facts).find("its threads tell") != std::string::npos);
}

TEST_CASE("of several driver extensions that a message names one's own is pointed at") {
  const auto bundle_with = [](const Ownership& owners) {
    ReportBuilder builder = report_saying("something that no analysis knows");
    for (const char* bundle : {"com.example.first", "com.example.second", "com.example.third"})
      builder.panic().dexts.push_back({bundle, "", "loaded", {}});
    const Report report = std::move(builder).build();
    return analysis::analyze(report, place_frames(report), symbols_in_report(report), {}, owners)
        .culprit.bundle;
  };
  CHECK(bundle_with({}) == "com.example.first");
  CHECK(bundle_with({{"com.example.second", "com.example.third"}, {}, {}}) == "com.example.second");
}

TEST_CASE("of several kexts in the backtrace one's own is named, but not before the caller") {
  const auto facts_with = [](const Ownership& owners) {
    ReportBuilder builder = report_saying("something that no analysis knows");
    add_arm_layout(builder);
    builder.panic().kexts.push_back(
        kext_in_backtrace("com.example.first", 0xfffffe0026000000, 0xfffffe0026000fff));
    builder.panic().kexts.push_back(
        kext_in_backtrace("com.example.second", 0xfffffe0026002000, 0xfffffe0026002fff));
    add_backtrace(builder, {0xfffffe0024095000, 0xfffffe0026000100, 0xfffffe0026002100});
    const Report report = std::move(builder).build();
    return analysis::analyze(report, place_frames(report), symbols_in_report(report), {}, owners);
  };
  CHECK(facts_with({}).culprit.bundle == "com.example.first");
  CHECK(facts_with({{"com.example.second"}, {}, {}}).culprit.bundle == "com.example.second");
}

}  // namespace panicscan
