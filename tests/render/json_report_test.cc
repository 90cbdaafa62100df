#include <algorithm>

#include "catch.h"
#include "render/make_case.h"
#include "render/schema_check.h"

namespace panicscan {
namespace {

using nlohmann::json;
using test::CaseMaker;
using test::rendered;

json parsed(const Case& subject, const render::Options& options = {}) {
  return json::parse(rendered(subject, "json", options));
}

std::string complaints(const Case& subject) {
  test::SchemaCheck check(json::parse(render::report_schema()));
  std::string all;
  for (const std::string& line : check.complaints(parsed(subject))) all += line + "\n";
  return all;
}

/// A case that fills every member that the report has.
/// A log that has one line.
Report log_report() {
  Report report;
  report.kind = ReportKind::log;
  report.log.style = "compact";
  report.log.lines = 1;
  LogEvent& event = report.log.events.emplace_back();
  event.kind = "dext.start";
  event.time = "2026-01-02 03:04:05";
  event.unix_us = 1'767'323'045'000'000;
  return report;
}

Case full_case() {
  CaseMaker maker;
  maker.power_timeout();
  ReportBuilder& builder = maker.report();
  Machine& machine = builder.report().machine;
  machine.soc = Sourced<std::string>{"0x6000", {}};
  machine.kernel_version = Sourced<std::string>{"Darwin Kernel Version 24.5.0", {}};
  machine.kernelcache_uuid = machine.boot_session = machine.incident = machine.kernel_uuid;
  machine.boot_args = Sourced<std::string>{"-v", {}};
  builder.report().bug_type = "210";
  Panic& panic = builder.panic();
  panic.flags = Sourced<std::uint64_t>{0x802, {}};
  panic.thread_pointer = Sourced<Address>{{0xfffffe1234560000}, {}};
  panic.times.mach_absolute_time = Sourced<std::uint64_t>{12345, {}};
  panic.times.uptime_ns = Sourced<std::uint64_t>{99, {}};
  panic.times.sleep = Sourced<EpochTime>{{0, 0}, {}};
  panic.layout.kernel_slide = Sourced<Slide>{{0x1c4d8000}, {}};
  panic.layout.kernelcache_base = Sourced<Address>{{0xfffffe00234d4000}, {}};
  panic.registers.push_back({{{"x0", 1}, {"pc", 0xfffffe0025a01abc}}, false, {}});
  panic.registers.push_back({{{"x0", 2}}, false, {}});
  panic.backtraces[0].cpu = 3;
  panic.backtraces[0].end_reason = "invalid frame pointer";
  panic.backtraces[0].where = {0, 3, 4};
  Core core;
  core.cpu = 4;
  core.cluster = "PACC1";
  core.pc = core.lr = core.fp = core.retired = Address{0xfffffe00240a0010};
  core.panicked = core.offline = true;
  panic.cores.push_back(core);
  NestedPanic nested;
  nested.entry_count = 2;
  nested.caller = Address{0xfffffe00240a0010};
  nested.message = "again";
  nested.where = {0, 1, 2};
  panic.nested.push_back(nested);
  Kext kext;
  kext.bundle_id = "com.example.driver";
  kext.version = "1.2";
  kext.uuid = machine.kernel_uuid->value;
  kext.start = kext.last = Address{0xfffffe0025a00000};
  kext.size = 65536;
  kext.at_ticks = 123;
  panic.kexts.push_back(kext);
  Image image;
  image.kind = ImageKind::kernel;
  image.name = "kernel";
  image.uuid = machine.kernel_uuid->value;
  image.base = {0xfffffe0007004000};
  image.size = 4096;
  const auto image_index = builder.add_image(image);
  maker.process(900, "com.example.driver", 300, {{0x10, 0x20}, {0x10, 0x20}},
                {"TH_WAIT", "TH_UNINT"});
  Thread thread;
  thread.id = {400};
  thread.name = "worker";
  thread.queue = "com.example.q";
  thread.flags = {"kThreadOnCore"};
  thread.base_priority = thread.scheduled_priority = 31;
  thread.user_time_us = thread.system_time_us = 12;
  thread.continuation = Frame{{0xfffffe0007004100}, AddressKind::pc, image_index, "", {}};
  thread.wait_event = Frame{{0x99989e5ec6c25b1f}, AddressKind::pc, {}, "", {}};
  thread.async_stack = builder.add_frames({Frame{{0x30}, AddressKind::pc, {}, "f + 0x12", {}}});
  builder.add_thread(thread);
  maker.wait(300, "kernel mutex 0xa1 owned by thread 301", ThreadId{301});
  maker.wait(400, "mach_msg send, to process 900", ProcessId{900});
  builder.add_field("OS release type", "User", {0, 1, 2});
  builder.note(NoteKind::remark, "a remark", {0, 1, 2});
  maker.subject().placements.resize(builder.report().frames.size());
  maker.subject().facts.integrity.reasons = {"because"};
  maker.subject().facts.culprit.image = "com.example.driver";
  maker.subject().facts.culprit.version = "1.2";
  maker.subject().facts.culprit.thread = ThreadId{4242};
  maker.subject().facts.culprit.frame = Index<Frame>{2};
  Fact entry(test::kEntrySchema);
  entry.set("flags", Value::list({"busy", "inactive"}));
  entry.because = {{"said so", {0, 1, 2}, {}, {}}};
  entry.origin = Origin::inferred;
  maker.subject().facts.all.push_back(entry);
  maker.subject().findings[0].against = {{"not this", -10, {0, 1, 2}}};
  maker.subject().findings[0].superseded_by = "x/y";
  maker.subject().findings[0].supersedes = {"a/b"};
  builder.begin_another_panic();
  builder.panic().message = {"a second one", {0, 4, 3}};
  Crash& crash = builder.crash();
  crash.process = "example";
  crash.pid = ProcessId{7};
  crash.is_fatal = false;
  crash.exception = Exception{"EXC_CRASH", "s", "SIGABRT", "m", {1, 2}, {}};
  crash.termination.emplace().reasons = {"one"};
  crash.notes.push_back({"library", {"text", {}}});
  crash.registers = RegisterSet{{{"pc", 16}}, false, {}};
  crash.kernel_triage = crash.vm_region = crash.fault = "words";
  builder.report().kind = ReportKind::kernel_panic;
  Case subject = maker.build();
  ImageSymbols kernel;
  kernel.image = "kernel";
  kernel.uuid = image.uuid;
  kernel.status = SymbolStatus::uuid_mismatch;
  kernel.path = "/symbols/kernel";
  kernel.remedy = "need another one";
  subject.symbols.images = {kernel};
  subject.symbols.others = {{{0x10}, SymbolStatus::named, {Symbol()}}};
  subject.symbols.notes = {"a remark"};
  subject.report.devices.nodes.emplace_back().name = "pci-bridge0@0";
  Companion& companion = subject.companions.emplace_back();
  companion.because = "same boot session";
  companion.report = log_report();
  return subject;
}

}  // namespace

TEST_CASE("every report validates against the schema that is shipped with it") {
  CHECK(complaints(CaseMaker().build()) == "");
  CHECK(complaints(CaseMaker().power_timeout().build()) == "");
  CHECK(complaints(full_case()) == "");
}

TEST_CASE("the schema knows exactly the members that full reports have, at the top") {
  const json schema = json::parse(render::report_schema());
  const json panic = parsed(full_case());
  Case log_alone;
  log_alone.report = log_report();
  const json log = parsed(log_alone);
  for (const auto& [name, member] : schema["properties"].items()) {
    INFO(name);
    CHECK((panic.contains(name) || log.contains(name)));
  }
}

TEST_CASE("the schema check notices a member that the schema does not know") {
  test::SchemaCheck check(json::parse(render::report_schema()));
  json report = parsed(full_case());
  report["input"]["host"] = "somebody's";
  report["findings"][0]["points"] = "many";
  const auto found = check.complaints(report);
  CHECK(found.size() == 2);
}

TEST_CASE("the JSON report carries what the rules concluded, with places in the file") {
  const json report = parsed(CaseMaker().power_timeout().build());
  CHECK(report["schema"] == "panicscan.report/1");
  CHECK(report["tool"]["rules_hash"] == "0123456789abcdef");
  CHECK(report["panic"]["family"] == "dext/setpowerstate-timeout");
  CHECK(report["panic"]["fields"]["elapsed"] == 21257);
  CHECK(report["panic"]["fields"]["object"] == "0xfffffe2fb1a65c00");
  CHECK(report["panic"]["caller"] == "0xfffffe0020be8fec");
  CHECK(report["panic"]["decoded"][0]["name"] == "transition");
  CHECK(report["panic"]["backtraces"][0]["frames"][2]["image"] == "com.example.driver");
  CHECK(report["panic"]["backtraces"][0]["frames"][2]["offset"] == "0x1abc");
  CHECK(report["environment"]["times"]["boot"] == "2024-09-22T11:31:12Z");
  CHECK(report["findings"][0]["matched"][0]["where"]["line"] == 1);
  CHECK(report["findings"][0]["matched"][0]["where"]["column"] == 40);
  CHECK_FALSE(report["findings"][0]["settle"][0].contains("points"));
  CHECK(report["culprit"]["verdict"] == "third_party");
}

TEST_CASE("the team that looks after the culprit is a member of its own, and said in the text") {
  Case subject = CaseMaker().power_timeout().build();
  CHECK_FALSE(parsed(subject)["culprit"].contains("team"));
  subject.facts.culprit.team = "@port";
  subject.facts.culprit.because.push_back({"looked after by @port", {}, {}, {}});
  CHECK(parsed(subject)["culprit"]["team"] == "@port");
  CHECK(rendered(subject, "text").find("- looked after by @port") != std::string::npos);
}

TEST_CASE("waits become edges between threads and processes") {
  const json report = parsed(full_case());
  const json& edges = report["wait_graph"]["edges"];
  REQUIRE(edges.size() == 2);
  CHECK(edges[0]["from"]["thread"] == 300);
  CHECK(edges[0]["to"]["thread"] == 301);
  CHECK(edges[0]["origin"] == "reported");
  CHECK(edges[1]["to"]["process"] == 900);
  const json& threads = report["processes"][0]["threads"];
  CHECK(threads[0]["waits"][0] == "kernel mutex 0xa1 owned by thread 301");
  CHECK(threads[0]["group"] == threads[1]["group"]);
  CHECK(threads[0]["group"] != threads[2]["group"]);
}

TEST_CASE("the choice of threads applies to JSON as well; all is the default") {
  CaseMaker maker;
  maker.power_timeout();
  maker.process(0, "kernel_task", 1, {{1}, {2}, {3}});
  maker.process(300, "com.example.driver", 900, {{4}, {5}});
  maker.subject().facts.panicked_thread = Index<Thread>{1};
  const Case subject = maker.build();
  const auto count = [&](const render::Options& options) {
    std::size_t sum = 0;
    const json report = parsed(subject, options);
    for (const json& process : report["processes"]) sum += process["threads"].size();
    return sum;
  };
  render::Options options;
  CHECK(count(options) == 5);
  options.threads = render::ThreadChoice::own;
  CHECK(count(options) == 3);
  options.threads = render::ThreadChoice::panicked;
  CHECK(count(options) == 1);
  options = {};
  options.thread_limit = 2;
  CHECK(count(options) == 2);
}

TEST_CASE("whatever bytes a report held, the output is valid JSON and the same each time") {
  CaseMaker maker;
  maker.power_timeout();
  maker.report().panic().message.value = "\xff\x01\"\\\xc2\x9b\n";
  maker.report().add_field("\x02", "\xed\xa0\x80", {0, 5, 5});
  const Case subject = maker.build();
  const std::string text = rendered(subject, "json");
  CHECK(json::accept(text));
  CHECK(text == rendered(subject, "json"));
}

}  // namespace panicscan
