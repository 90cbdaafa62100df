#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/case.h"
#include "model/report_builder.h"
#include "render/render.h"

namespace panicscan::test {

/// A hand-made schema of a fact, as analysis would publish it.
inline constexpr FactField kPowerFields[] = {
    {"service", ValueType::text, "the class that was asked"},
    {"elapsed", ValueType::milliseconds, "how long it had"},
    {"object", ValueType::address, "the object"},
};
inline constexpr FactSchema kPowerSchema{"power.setpowerstate", "a power change timed out",
                                         kPowerFields};
inline constexpr FactField kClassFields[] = {{"class", ValueType::text, "what kind of panic"}};
inline constexpr FactSchema kClassSchema{"panic.class", "what kind of panic", kClassFields};
inline constexpr FactField kEntryFields[] = {{"name", ValueType::text, "of the service"},
                                             {"flags", ValueType::list, "state bits"}};
inline constexpr FactSchema kEntrySchema{"iokit.busy_entry", "a busy service", kEntryFields};

/// Builds a Case step by step; every step may be left out.
class CaseMaker {
 public:
  CaseMaker()
      : CaseMaker(
            "panic(cpu 3 caller 0xfffffe0020be8fec): ExampleDriver::setPowerState\n"
            "Panicked task 0xfffffe1234567890: pid 0: kernel_task\n") {}
  explicit CaseMaker(std::string text)
      : builder_(std::make_shared<const std::string>(std::move(text))) {
    subject_.source = source_from_text("example.panic", std::string(builder_.text(0)));
    subject_.sha256 = std::string(64, 'a');
    subject_.rules_hash = "0123456789abcdef";
  }

  ReportBuilder& report() { return builder_; }
  Case& subject() { return subject_; }

  /// A power timeout in somebody's dext, on a Mac, with a backtrace and a rule that knows it.
  CaseMaker& power_timeout() {
    Panic& panic = builder_.panic();
    panic.message = {
        "ExampleDriver::setPowerState(0xfffffe2fb1a65c00 : 0xfffffe0020bfed88, 0 -> 2) "
        "timed out after 21257 ms",
        {0, 39, 28}};
    panic.raw_message = panic.message.value + " @IOServicePM.cpp:5609";
    panic.source_file = Sourced<std::string>{"IOServicePM.cpp", {0, 39, 28}};
    panic.source_line = 5609;
    panic.reporter = "panic";
    panic.cpu = Sourced<std::uint32_t>{3, {0, 10, 1}};
    panic.caller = Sourced<Address>{{0xfffffe0020be8fec}, {0, 19, 18}};
    panic.process_name = Sourced<std::string>{"kernel_task", {}};
    panic.process = Sourced<ProcessId>{{0}, {}};
    panic.thread = Sourced<ThreadId>{{4242}, {}};
    panic.times.boot = Sourced<EpochTime>{{1727004672, 0}, {}};
    panic.times.calendar = Sourced<EpochTime>{{1727004928, 65535}, {}};
    panic.dexts.push_back({"com.example.driver",
                           "/Library/SystemExtensions/U/com.example.driver.dext",
                           "loaded",
                           {0, 0, 5}});
    Machine& machine = builder_.report().machine;
    machine.os = Sourced<std::string>{"macOS 15.5 (24F74)", {}};
    machine.build = Sourced<std::string>{"24F74", {}};
    machine.product = Sourced<std::string>{"Mac14,2", {}};
    machine.kernel_uuid = Sourced<Uuid>{*parse_uuid("11111111-2222-3333-4444-555555555555"), {}};
    machine.arch = Arch::arm64;
    builder_.report().format = "panic-text";

    backtrace({0xfffffe0020000100, 0xfffffe0020be8fec, 0xfffffe0025a01abc});
    placed(0, "kernel", 0x100).placed(1, "kernel", 0xbe8fec);
    placed(2, "com.example.driver", 0x1abc);

    Fact fact(kPowerSchema);
    fact.set("service", Value::text("ExampleDriver"));
    fact.set("elapsed", Value::of(ValueType::milliseconds, 21257));
    fact.set("object", Value::address(0xfffffe2fb1a65c00));
    fact.decoded = {{"transition", "0 -> 2", "power up: off to on"},
                    {"waited", "21257 ms", "just over the 20 s that a dext has to answer"}};
    subject_.facts.all.push_back(fact);

    Culprit& culprit = subject_.facts.culprit;
    culprit.verdict = Verdict::third_party;
    culprit.bundle = "com.example.driver";
    culprit.messenger = "kernel_task";
    culprit.because = {{"the report names this dext after the message", {0, 0, 5}, {}, {}}};

    Finding finding;
    finding.rule = "dext/setpowerstate-timeout";
    finding.title = "A driver extension did not answer a power change";
    finding.certainty = Certainty::likely;
    finding.points = 70;
    finding.status = "experimental";
    finding.summary =
        "ExampleDriver was asked to power up and did not acknowledge within the 20 seconds that a "
        "driver extension has, so the kernel panicked.";
    finding.matched = {{"the message is the one that IOServicePM prints", 40, {0, 39, 28}}};
    finding.in_favour = {{"the report names a third-party dext", 30, {0, 0, 5}}};
    finding.settle = {{"a crash report of the dext", 0, {}}};
    finding.causes = {{"SetPowerState does not call super",
                       "most likely",
                       "a log of SetPowerState without a following acknowledgement",
                       {"call SetPowerState(powerFlags, SUPERDISPATCH) as the last step"}}};
    finding.fix = {"answer power changes on a queue that nothing blocks"};
    finding.references = {"xnu iokit/Kernel/IOServicePM.cpp, ackTimerTick()"};
    finding.captures = {{"elapsed", Value::of(ValueType::milliseconds, 21257)},
                        {"object", Value::address(0xfffffe2fb1a65c00)}};
    subject_.findings.push_back(finding);
    return *this;
  }

  CaseMaker& backtrace(std::initializer_list<std::uint64_t> addresses) {
    std::vector<Frame> frames;
    for (const std::uint64_t address : addresses)
      frames.push_back({{address}, AddressKind::return_address, {}, "", {}});
    Backtrace trace;
    trace.frames = builder_.add_frames(std::move(frames));
    builder_.panic().backtraces.push_back(trace);
    subject_.placements.resize(builder_.report().frames.size());
    return *this;
  }

  CaseMaker& placed(std::size_t frame, std::string image, std::uint64_t offset) {
    Placement& place = subject_.placements[frame];
    place.status = PlacementStatus::placed;
    place.image = std::move(image);
    place.offset = {offset};
    place.in_kernel_space = true;
    return *this;
  }

  /// A process with one thread for each stack (a list of kernel addresses).
  CaseMaker& process(std::int64_t pid, std::string name, std::uint64_t first_tid,
                     const std::vector<std::vector<std::uint64_t>>& stacks,
                     std::vector<std::string> state = {"TH_WAIT"}) {
    Process opened;
    opened.id = {pid};
    opened.name = std::move(name);
    builder_.begin_process(std::move(opened));
    for (const auto& stack : stacks) {
      std::vector<Frame> frames;
      for (const std::uint64_t address : stack)
        frames.push_back({{address}, AddressKind::return_address, {}, "", {}});
      Thread thread;
      thread.id = {first_tid++};
      thread.state = state;
      thread.kernel_stack = builder_.add_frames(std::move(frames));
      builder_.add_thread(std::move(thread));
    }
    subject_.placements.resize(builder_.report().frames.size());
    return *this;
  }

  CaseMaker& wait(std::uint64_t waiter, std::string phrase, Owner owner = Nobody{}) {
    WaitEdge edge;
    edge.waiter = {waiter};
    edge.phrase = std::move(phrase);
    edge.owner = owner;
    builder_.add_wait(std::move(edge));
    return *this;
  }

  /// Hands the case over; the maker is spent.
  Case build() {
    subject_.report = std::move(builder_).build();
    if (subject_.symbols.of({0}).empty()) subject_.symbols = symbols_in_report(subject_.report);
    return std::move(subject_);
  }

 private:
  ReportBuilder builder_;
  Case subject_;
};

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

inline bool has(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

inline std::string rendered(const Case& subject, std::string_view format,
                            const render::Options& options = {}) {
  std::ostringstream out;
  render::find_output_format(format)->render(out, subject, options);
  return std::move(out).str();
}

}  // namespace panicscan::test
