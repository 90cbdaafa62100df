#include "analysis/facts_of.h"

using namespace panicscan;

namespace {

/// A driver extension that crashed on its second thread.
ReportBuilder crashed_dext() {
  ReportBuilder builder;
  Crash& crash = builder.crash();
  crash.process = crash.bundle_id = "com.example.driver";
  crash.path = "/Library/SystemExtensions/AAAA/com.example.driver.dext/com.example.driver";
  crash.version = "1.2";
  crash.pid = ProcessId{812};
  builder.report().machine.arch = Arch::arm64;
  Image own;
  own.kind = ImageKind::process;
  own.name = "com.example.driver";
  own.path = crash.path;
  own.base = {0x100000000};
  own.size = 0x8000;
  builder.add_image(own);
  Image system;
  system.kind = ImageKind::process;
  system.name = "DriverKit";
  system.path = "/System/DriverKit/System/Library/Frameworks/DriverKit.framework/DriverKit";
  system.base = {0x1a0000000};
  system.size = 0x8000;
  builder.add_image(system);
  builder.begin_process({});
  builder.add_thread({});
  Thread thread;
  thread.id = {901};
  thread.queue = "Root";
  std::vector<Frame> frames{frame_at(0x1a0001000), frame_at(0x100001000)};
  frames[1].reported_symbol = "ExampleDriver::Start_Impl(IOService*) + 12";
  thread.user_stack = builder.add_frames(std::move(frames));
  builder.crash().crashed_thread = builder.add_thread(std::move(thread));
  return builder;
}

Facts with_note(std::string text) {
  ReportBuilder builder = crashed_dext();
  builder.crash().notes.push_back({"DriverKit", {std::move(text), {}}});
  return facts_of(std::move(builder).build());
}

Exception bad_access(std::uint64_t address) {
  Exception exception;
  exception.type = "EXC_BAD_ACCESS";
  exception.signal = "SIGSEGV";
  exception.codes = {1, address};
  return exception;
}

}  // namespace

TEST_CASE("a crashed driver extension is known by its path, with the thread and its own code") {
  ReportBuilder builder = crashed_dext();
  builder.crash().launch_time = "2025-11-03 23:59:59.9500 +0000";
  builder.crash().time = "2025-11-04 00:00:00.2000 +0000";
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, "crash.process", "is_dext") == "yes");
  CHECK(field(facts, "crash.process", "vendor") == "third_party");
  CHECK(field(facts, "crash.process", "lived") == "250 ms");
  CHECK(field(facts, "crash.thread", "number") == "1");
  CHECK(field(facts, "crash.thread", "tid") == "901");
  CHECK(field(facts, "crash.thread", "queue") == "Root");
  CHECK(field(facts, "crash.thread", "top_image") == "DriverKit");
  CHECK(field(facts, "crash.thread", "own_image") == "com.example.driver");
  CHECK(field(facts, "crash.thread", "own_function") == "ExampleDriver::Start_Impl(IOService*)");
  CHECK(facts.panicked_thread == Index<Thread>{1});
  CHECK(facts.culprit.verdict == Verdict::third_party);
  CHECK(facts.culprit.bundle == "com.example.driver");
}

TEST_CASE("times that cannot be read give no length of life") {
  ReportBuilder builder = crashed_dext();
  builder.crash().launch_time = "yesterday";
  builder.crash().time = "2025-11-04 00:00:00.2000 +0000";
  CHECK(field(facts_of(std::move(builder).build()), "crash.process", "lived") == "-");
}

TEST_CASE("a failed check is taken apart, brackets and commas of the expression included") {
  const Facts facts = with_note(
      "abort() called\nAssertion failed: (f(a, b) || (c)), function Invoke, file "
      "/x/uioserver.cpp, line 1654.\n");
  CHECK(field(facts, "crash.assertion", "kind") == "assert");
  CHECK(field(facts, "crash.assertion", "expression") == "f(a, b) || (c)");
  CHECK(field(facts, "crash.assertion", "function") == "Invoke");
  CHECK(field(facts, "crash.assertion", "file") == "uioserver.cpp");
  CHECK(field(facts, "crash.assertion", "line") == "1654");
  CHECK(field(facts, "crash.assertion", "runtime") == "yes");
  CHECK(count(facts, "crash.note") == 2);
  CHECK(field(facts, "crash.note", "library") == "DriverKit");
}

TEST_CASE("checks of libc++ are known in their older and newer words") {
  const Facts newer = with_note(
      "/a/vector.h:406: libc++ Hardening assertion __n < size() failed: vector[] out of bounds\n");
  CHECK(field(newer, "crash.assertion", "kind") == "hardening");
  CHECK(field(newer, "crash.assertion", "expression") == "__n < size()");
  CHECK(field(newer, "crash.assertion", "says") == "vector[] out of bounds");
  CHECK(field(newer, "crash.assertion", "file") == "vector.h");
  const Facts older = with_note("/a/span:402: assertion __idx < size() failed: out of range");
  CHECK(field(older, "crash.assertion", "line") == "402");
  CHECK(count(with_note("a place: assertion without the rest"), "crash.assertion") == 0);
  CHECK(count(with_note("Assertion failed: (a"), "crash.assertion") == 0);
}

TEST_CASE("the address of a bad access is classified") {
  const auto address_class = [](std::uint64_t address) {
    ReportBuilder builder = crashed_dext();
    builder.crash().exception = bad_access(address);
    return field(facts_of(std::move(builder).build()), "crash.exception", "address_class");
  };
  CHECK(address_class(0) == "null");
  CHECK(address_class(0x18) == "near-null");
  CHECK(address_class(0x83f7c000) == "iova");
  CHECK(address_class(0x118a04c20) == "user");
  CHECK(address_class(0x9e3500010ac04c20) == "non-canonical");
  CHECK(address_class(0xdeadbeefdeadbeef) == "poison");
}

TEST_CASE("a full stack is told by its guard or by the stack pointer") {
  const auto guard = [](std::uint64_t address, std::uint64_t sp, std::string region) {
    ReportBuilder builder = crashed_dext();
    builder.crash().exception = bad_access(address);
    builder.crash().registers = RegisterSet{{{"sp", sp}}, false, {}};
    builder.crash().vm_region = std::move(region);
    return field(facts_of(std::move(builder).build()), "crash.exception", "stack_guard");
  };
  CHECK(guard(0x16f0dbff0, 0x16f0dc010, "") == "yes");
  CHECK(guard(0x16f0dc020, 0x16f0dc010, "") == "no");
  CHECK(guard(0x10, 0x16f0dc010, "") == "no");
  CHECK(guard(0x16f000000, 0x17f0dc010, "  --->  STACK GUARD   16f0-16f1") == "yes");
}

TEST_CASE("codes of a termination are told by their namespace") {
  const auto meaning = [](std::string name_space, std::uint64_t code) {
    ReportBuilder builder = crashed_dext();
    Termination termination;
    termination.name_space = std::move(name_space);
    termination.code = code;
    builder.crash().termination = termination;
    return field(facts_of(std::move(builder).build()), "crash.termination", "meaning");
  };
  CHECK(meaning("CODESIGNING", 2) == "a page of code does not match the signature");
  CHECK(meaning("DYLD", 2) == "a library is for another architecture");
  CHECK(meaning("SPRINGBOARD", 0x8badf00d).find("watchdog") != std::string::npos);
  CHECK(meaning("SIGNAL", 2) == "-");
}

TEST_CASE("whom a crash points at depends on how the process ended") {
  ReportBuilder signed_wrong = crashed_dext();
  signed_wrong.crash().termination = Termination{};
  signed_wrong.crash().termination->name_space = "CODESIGNING";
  CHECK(facts_of(std::move(signed_wrong).build()).culprit.verdict == Verdict::unknown);
  const Facts checked =
      with_note("Assertion failed: (oldcount > 0), function retain, file uioserver.cpp, line 8.");
  CHECK(checked.culprit.verdict == Verdict::third_party);
  CHECK(checked.culprit.because.front().says.find("runtime") != std::string::npos);
}
