// Facts about the panic as a whole: flags, process and thread, nested panics, kexts, times.
#include "facts_of.h"

using namespace panicscan;

TEST_CASE("the same flag word means different things on arm and Intel") {
  ReportBuilder builder = report_saying("x");
  builder.panic().flags = Sourced<std::uint64_t>{0x802, {}};
  CHECK(field(facts_of(builder.report()), "panic.flags", "bits") ==
        "stackshot-succeeded, stackshot-compressed");
  CHECK(field(facts_of(builder.report()), "panic.flags", "layout") == "arm");
  builder.panic().flags_are_intel = true;
  CHECK(field(facts_of(builder.report()), "panic.flags", "bits") ==
        "companion-initiated, stackshot-compress-failed");
  CHECK(field(facts_of(builder.report()), "panic.flags", "value") == "0x802");
}

TEST_CASE("unknown flag bits are shown, not hidden") {
  ReportBuilder builder = report_saying("x");
  builder.panic().flags = Sourced<std::uint64_t>{0x80000002, {}};
  CHECK(decoded(facts_of(builder.report()), "panic.flags", "0x80000000") ==
        "unknown: bits without a known meaning");
}

TEST_CASE("the panicked thread is joined with the stackshot's") {
  ReportBuilder builder = report_saying("something");
  builder.panic().process_name = Sourced<std::string>{"exampled", {}};
  builder.panic().process = Sourced<ProcessId>{{501}, {}};
  builder.panic().thread = Sourced<ThreadId>{{4242}, {}};
  SECTION("when it is there") {
    builder.begin_process({});
    builder.add_thread({});
    Thread thread;
    thread.id = {4242};
    thread.state = {"TH_RUN"};
    builder.add_thread(thread);
    const Facts facts = facts_of(std::move(builder).build());
    CHECK(field(facts, "panic.panicked", "process") == "exampled");
    CHECK(field(facts, "panic.panicked", "pid") == "501");
    CHECK(field(facts, "panic.panicked", "tid") == "4242");
    CHECK(field(facts, "panic.panicked", "in_stackshot") == "yes");
    CHECK(field(facts, "panic.panicked", "state") == "TH_RUN");
    CHECK(field(facts, "panic.panicked", "messenger") == "no");
    CHECK(facts.panicked_thread == Index<Thread>{1});
  }
  SECTION("when the stackshot lacks it") {
    const Facts facts = facts_of(std::move(builder).build());
    CHECK(field(facts, "panic.panicked", "in_stackshot") == "no");
    CHECK_FALSE(facts.panicked_thread);
  }
}

TEST_CASE("nested panics are facts of their own") {
  ReportBuilder builder = report_saying("x");
  builder.panic().nested.push_back({2, Address{0xffffff80109d360e}, "", {}});
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, "panic.nested", "count") == "2");
  CHECK(field(facts, "panic.nested", "caller") == "0xffffff80109d360e");
  CHECK(decoded(facts, "panic.nested", "panic_caller") ==
        "0xffffff80109d360e: in no image of the report");
}

TEST_CASE("only kexts in the backtrace count as third-party kexts") {
  ReportBuilder builder = report_saying("something failed");
  add_arm_layout(builder);
  Panic& panic = builder.panic();
  panic.caller = said<Address>(0xfffffe00240b1238);
  panic.kexts.push_back(
      kext_in_backtrace("com.example.driver.Foo", 0xfffffe0025a00000, 0xfffffe0025a0ffff));
  panic.kexts.push_back(
      kext_in_backtrace("com.apple.iokit.IOPCIFamily", 0xfffffe0026000000, 0xfffffe002602ffff));
  Kext started = kext_in_backtrace("com.example.other", 0xfffffe0023a00000, 0xfffffe0023a0ffff);
  started.list = KextList::last_started;
  panic.kexts.push_back(started);
  add_backtrace(builder,
                {0xfffffe00240b1238, 0xfffffe0025a01abc, 0xfffffe0025a01def, 0xfffffe0026000010});
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(count(facts, "panic.third_party_kext") == 1);
  CHECK(field(facts, "panic.third_party_kext", "bundle") == "com.example.driver.Foo");
  CHECK(field(facts, "panic.third_party_kext", "frames") == "2");
  CHECK(field(facts, "panic.third_party_kext", "contains_pc") == "no");
  CHECK(facts.culprit.verdict == Verdict::third_party);
  CHECK(facts.culprit.frame == Index<Frame>{1});
}

TEST_CASE("a kext on the stack of another CPU is said to be there") {
  ReportBuilder builder = report_saying("Spinlock acquisition timed out");
  add_arm_layout(builder);
  builder.panic().kexts.push_back(
      kext_in_backtrace("com.example.driver.Foo", 0xfffffe0025a00000, 0xfffffe0025a0ffff));
  RegisterSet registers{{{"pc", 0xfffffe0025a01abc}}, {}, {}};
  registers.is_of_other_cpu = true;
  builder.panic().registers.push_back(registers);
  add_backtrace(builder, {0xfffffe0025a01abc});
  builder.panic().backtraces[0].kind = BacktraceKind::cpu;
  builder.panic().backtraces[0].cpu = 3;
  add_backtrace(builder, {0xfffffe00240b1238});
  const Facts facts = facts_of(builder.report());
  CHECK(field(facts, "panic.third_party_kext", "cpu") == "3");
  CHECK(field(facts, "panic.third_party_kext", "frames") == "0");
  CHECK(field(facts, "panic.third_party_kext", "contains_pc") == "no");
  CHECK(decoded(facts, "panic.third_party_kext", "found on").starts_with("CPU 3: "));
  // On the panic's own stack as well, the other CPU's does not matter.
  add_backtrace(builder, {});
  builder.panic().backtraces.erase(builder.panic().backtraces.begin() + 1);
  add_backtrace(builder, {0xfffffe0025a01def});
  builder.panic().backtraces.erase(builder.panic().backtraces.begin() + 1);
  CHECK(field(facts_of(builder.report()), "panic.third_party_kext", "cpu") == "-");
}

TEST_CASE("a kext that calls panic() itself contains the pc") {
  ReportBuilder builder = report_saying("\"request 17 is lost\"");
  add_arm_layout(builder);
  builder.panic().caller = said<Address>(0xfffffe0025a01abc);
  builder.panic().kexts.push_back(
      kext_in_backtrace("com.example.driver.Foo", 0xfffffe0025a00000, 0xfffffe0025a0ffff));
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, "panic.third_party_kext", "contains_pc") == "yes");
}

TEST_CASE("Apple's own extension on the system volume is Apple's") {
  ReportBuilder builder = report_saying("x");
  builder.panic().dexts.push_back(
      {"com.apple.DriverKit.Example",
       "/System/Library/DriverExtensions/com.apple.DriverKit.Example.dext",
       "loaded",
       {}});
  CHECK(field(facts_of(std::move(builder).build()), "panic.dext", "vendor") == "apple");
}

TEST_CASE("times come out in UTC, with ticks of 24 MHz") {
  ReportBuilder builder = report_saying("x");
  PanicTimes& times = builder.panic().times;
  times.boot = Sourced<EpochTime>{{0x66f00000, 0}, {}};
  times.sleep = Sourced<EpochTime>{{0, 0}, {}};
  times.wake = Sourced<EpochTime>{{0, 0}, {}};
  times.calendar = Sourced<EpochTime>{{0x66f00100, 0xffff}, {}};
  times.mach_absolute_time = Sourced<std::uint64_t>{0x16e360000, {}};
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, "time.panic", "boot") == "2024-09-22T11:31:12Z");
  CHECK(field(facts, "time.panic", "panic") == "2024-09-22T11:35:28Z");
  CHECK(field(facts, "time.panic", "since_boot") == "256 s");
  CHECK(field(facts, "time.panic", "awake") == "256 s");
  CHECK(field(facts, "time.panic", "slept") == "no");
  CHECK(field(facts, "time.panic", "wake") == "-");
  CHECK(decoded(facts, "time.panic", "clocks") == "-");
}

TEST_CASE("Intel counts nanoseconds, and clocks that disagree are noticed") {
  ReportBuilder builder = report_saying("x");
  builder.report().machine.arch = Arch::x86_64;
  PanicTimes& times = builder.panic().times;
  times.uptime_ns = Sourced<std::uint64_t>{5'000'000'000'000, {}};
  times.boot = Sourced<EpochTime>{{1000, 0}, {}};
  times.calendar = Sourced<EpochTime>{{2000, 0}, {}};
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, "time.panic", "awake") == "5000 s");
  CHECK(decoded(facts, "time.panic", "clocks").starts_with("disagree: more ticks"));
}

TEST_CASE("impossible dates are left out") {
  ReportBuilder builder = report_saying("x");
  builder.panic().times.boot = Sourced<EpochTime>{{~std::uint64_t{0}, 0}, {}};
  builder.panic().times.calendar = Sourced<EpochTime>{{1, 0}, {}};
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(field(facts, "time.panic", "boot") == "-");
  CHECK(field(facts, "time.panic", "panic") == "1970-01-01T00:00:01Z");
  CHECK(field(facts, "time.panic", "since_boot") == "-");
}

TEST_CASE("integrity is the worst of what was noticed") {
  ReportBuilder builder = report_saying("x");
  CHECK(facts_of(builder.report()).integrity.state == IntegrityState::complete);
  builder.note(NoteKind::repaired, "quotes were put right");
  CHECK(facts_of(builder.report()).integrity.state == IntegrityState::repaired);
  builder.add_field("otherString", "** Stackshot Incomplete ** Bytes Filled 12, err 5 **");
  CHECK(facts_of(builder.report()).integrity.state == IntegrityState::truncated);
  builder.panic().flags = Sourced<std::uint64_t>{0x8000, {}};
  const Facts facts = facts_of(builder.report());
  CHECK(facts.integrity.state == IntegrityState::damaged);
  CHECK(field(facts, "report.integrity", "reasons") ==
        "quotes were put right, the stackshot ran out of space and was erased, the log's checksum "
        "is wrong");
  CHECK(decoded(facts, "report.integrity", "backtrace").starts_with("absent"));
}

TEST_CASE("an Intel report is complete without a stackshot, which its reader did not find") {
  ReportBuilder builder = report_saying("x");
  builder.add_field("macOSProcessedStackshotData",
                    "no on disk or sleep/wake failure panic stackshot found");
  builder.panic().flags_are_intel = true;
  builder.panic().flags = Sourced<std::uint64_t>{0x20, {}};
  const Facts facts = facts_of(std::move(builder).build());
  CHECK(facts.integrity.state == IntegrityState::complete);
  CHECK(decoded(facts, "report.integrity", "stackshot").starts_with("absent: the system found"));
}

TEST_CASE("a report without a panic has facts about its integrity only") {
  ReportBuilder builder;
  builder.report().kind = ReportKind::stackshot;
  const Facts facts = facts_of(std::move(builder).build());
  REQUIRE(facts.all.size() == 1);
  CHECK(facts.all[0].schema->name == "report.integrity");
  CHECK(facts.culprit.verdict == Verdict::unknown);
}

TEST_CASE("every kind of fact is listed once, sorted, with words for every field") {
  const auto all = analysis::schemas();
  REQUIRE(all.size() > 20);
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(all[i]->name);
    if (i > 0) CHECK(all[i - 1]->name < all[i]->name);
    CHECK_FALSE(all[i]->meaning.empty());
    CHECK_FALSE(all[i]->fields.empty());
    for (const FactField& f : all[i]->fields) CHECK_FALSE(f.meaning.empty());
  }
}

TEST_CASE("messages cut anywhere are no trouble") {
  const std::string_view whole[] = {
      "A::setPowerState(0x1 : 0x2, 0 -> 2) timed out after 21257 ms",
      "busy timeout[0], (60s): multiple entries holding the registry busy, IOKit termination queue "
      "depth 7: 'A' (1,1), 'B' (1e,4020001)",
      "dart-apcie1 (0x1): DART(DART) error: SID 1 PTE invalid exception on write of DVA 0xad8000 "
      "(TTBR 0 SEG 0 PTE 0x2b6) ERROR_STATUS 0x81000404 TIME 0x0",
      "Kernel data abort. at pc 0xfffffe00240b1234, lr 0xcaa8fe0025a01abc (saved state: 0x1)",
      "Kernel trap at 0xffffff8018c8019a, type 14=page fault, registers:",
      "Sleep transition timed out after 180 seconds while calling power. Suspected bundle: a.b. "
      "Thread "
      "0x12ee.\nFailure code:: 0x00000040 00000014",
      "userspace watchdog timeout: no successful checkins from a.b (2 induced crashes) in 120 "
      "seconds",
      "[a.b]: element modified after free (off:72, val:0x1, sz:80, ptr:0x2)",
      "apciec[pcic0-bridge] unhandled interrupts (0x200000 out of 0x220000)",
      "[SPTM] VIOLATION_T8110_DART: f(x.h:1) state->dart_id(0xd), err_mask(0x80180000)",
  };
  for (const std::string_view message : whole)
    for (std::size_t length = 0; length <= message.size(); ++length) {
      const Facts facts = facts_of(message.substr(0, length));
      for (const Fact& fact : facts.all) REQUIRE(fact.values.size() == fact.schema->fields.size());
    }
}
