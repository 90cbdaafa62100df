#include <algorithm>
#include <sstream>

#include "base/utf8.h"
#include "catch.h"
#include "render/make_case.h"
#include "render/wrap.h"

namespace panicscan {
namespace {

using test::CaseMaker;
using test::has;
using test::lines_of;
using test::rendered;

/// `text` without our colour codes.
std::string without_color(std::string text) {
  for (auto at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b'))
    text.erase(at, text.find('m', at) - at + 1);
  return text;
}

}  // namespace

TEST_CASE("the first screen says what, who, how sure, why and what to do, in that order") {
  render::Options options;
  options.width = 200;
  const std::string text = rendered(CaseMaker().power_timeout().build(), "text", options);
  CAPTURE(text);
  std::size_t last = 0;
  for (const char* piece : {"PANIC      A driver extension did not answer a power change",
                            "likely (70 points)",
                            "timed out",
                            "IOServicePM.cpp:5609",
                            "macOS 15.5 (24F74)",
                            "Mac14,2",
                            "WHAT       ExampleDriver was asked",
                            "WHO        third-party code",
                            "com.example.driver",
                            "NEXT       SetPowerState does not call super",
                            "POWER      transition",
                            "WHERE",
                            "WHY",
                            "+40",
                            "+30",
                            "would settle it",
                            "FIX        1. ",
                            "[most likely]",
                            "-> call SetPowerState",
                            "SYMBOLS",
                            "names come from the report only",
                            "MACHINE",
                            "INTEGRITY",
                            "complete",
                            "THREADS"}) {
    const auto at = text.find(piece, last);
    INFO(piece);
    REQUIRE(at != std::string::npos);
    last = at;
  }
}

TEST_CASE("--brief is two lines whatever the report holds") {
  CaseMaker maker;
  maker.power_timeout();
  maker.report().panic().message.value += "\nsecond line\nthird";
  const Case subject = maker.build();
  render::Options options;
  options.brief = true;
  const auto lines = lines_of(rendered(subject, "text", options));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "PANIC  A driver extension did not answer a power change · likely (70 points)");
  CHECK(has(lines[1], "21257 ms · IOServicePM.cpp:5609 · macOS 15.5 (24F74) · Mac14,2"));
}

TEST_CASE("no line of prose is wider than the page") {
  const Case subject = CaseMaker().power_timeout().build();
  for (const std::uint32_t width : {60U, 100U, 200U}) {
    render::Options options;
    options.width = width;
    const std::string text = rendered(subject, "text", options);
    CAPTURE(width, text);
    // Rows of a stack stay in one piece: people copy them.
    for (const std::string& line : lines_of(text))
      if (!has(line, " #")) CHECK(render::columns(line) <= width);
  }
}

TEST_CASE("a narrow terminal puts the names of sections on lines of their own") {
  render::Options options;
  options.width = 50;
  const auto lines = lines_of(rendered(CaseMaker().power_timeout().build(), "text", options));
  CHECK(lines.front() == "PANIC");
  CHECK(std::ranges::all_of(lines, [](const std::string& l) { return l.size() < 90; }));
}

TEST_CASE("colour adds nothing but colour") {
  const Case subject = CaseMaker().power_timeout().build();
  render::Options colored;
  colored.color = true;
  const std::string plain = rendered(subject, "text");
  const std::string with_color = rendered(subject, "text", colored);
  CHECK_FALSE(has(plain, "\x1b"));
  CHECK(has(with_color, "\x1b[1;36mPANIC\x1b[0m"));
  CHECK(without_color(with_color) == plain);
}

TEST_CASE("control bytes of a report never reach the terminal") {
  CaseMaker maker;
  maker.power_timeout();
  std::string evil = "a\x1b]0;owned\a\xc2\x9b";  // a window title, and CSI as a C1 control
  evil += "31m\xe2\x80\xae";                     // right-to-left override
  evil += "b\xff\r\n";
  Panic& panic = maker.report().panic();
  panic.message.value = evil;
  panic.source_file->value = evil;
  panic.process_name->value = evil;
  panic.dexts[0].path = evil;
  Kext kext;
  kext.list = KextList::in_backtrace;
  kext.bundle_id = kext.version = evil;
  panic.kexts.push_back(kext);
  panic.backtraces[0].end_reason = evil;
  maker.report().report().machine.os->value = evil;
  maker.report().report().machine.boot_args = Sourced<std::string>{evil, {}};
  maker.report().note(NoteKind::damaged, evil);
  maker.process(1, evil, 10, {{1, 2}}, {evil});
  maker.wait(10, evil);
  maker.subject().findings[0].title = evil;
  maker.subject().findings[0].summary = evil;
  maker.subject().findings[0].causes[0].fix.push_back(evil);
  maker.subject().facts.culprit.bundle = evil;
  maker.subject().facts.all[0].decoded.push_back({evil, evil, evil});
  maker.subject().facts.integrity.reasons.push_back(evil);
  maker.subject().source.path = evil;
  const Case subject = maker.build();
  for (const bool brief : {false, true}) {
    render::Options options;
    options.full = true;
    options.brief = brief;
    const std::string text = rendered(subject, "text", options);
    CAPTURE(text);
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t length = utf8_length(rest);
      REQUIRE(length > 0);
      const std::uint32_t code = utf8_decode(rest, length);
      REQUIRE((code == '\n' || code >= 0x20));
      REQUIRE_FALSE((code >= 0x7f && code <= 0x9f));
      REQUIRE_FALSE((code >= 0x202a && code <= 0x202e));
      rest.remove_prefix(length);
    }
  }
}

TEST_CASE("a panic that no rule knows is called that") {
  CaseMaker maker;
  maker.report().panic().message.value = "something new happened";
  Fact fact(test::kClassSchema);
  fact.set("class", Value::text("assertion"));
  maker.subject().facts.all.push_back(fact);
  Finding fallback;
  fallback.rule = "panic/unclassified";
  fallback.title = "Unclassified panic";
  fallback.is_fallback = true;
  fallback.points = 30;
  fallback.summary = "No rule knows this message.";
  fallback.fix = {"send the report to whoever wrote the file that the message names"};
  maker.subject().findings.push_back(fallback);
  const std::string text = rendered(maker.build(), "text");
  CAPTURE(text);
  CHECK(has(text, "PANIC      Unclassified panic · not diagnosed"));
  CHECK(has(text, "not diagnosed"));
  CHECK_FALSE(has(text, "30 points"));
  CHECK(has(text, "-> send the report"));
}

TEST_CASE("without any rule the kind of the panic is still said") {
  CaseMaker maker;
  maker.report().panic().message.value = "something new happened";
  Fact fact(test::kClassSchema);
  fact.set("class", Value::text("assertion"));
  maker.subject().facts.all.push_back(fact);
  const std::string text = rendered(maker.build(), "text");
  CAPTURE(text);
  CHECK(has(text, "PANIC      no rule explains this panic · kind: a kernel assertion failed"));
}

TEST_CASE("repeated notes are shown once, with their number") {
  CaseMaker maker;
  for (int i = 0; i < 3; ++i) maker.report().note(NoteKind::remark, "again", {0, 80, 3});
  CHECK(has(rendered(maker.build(), "text"), "- line 2: again (3 times)"));
}

TEST_CASE("facts that say the same of several services are shown once, under all names") {
  CaseMaker maker;
  maker.power_timeout();
  for (const char* name : {"FirstService", "SecondService"}) {
    Fact fact(test::kEntrySchema);
    fact.set("name", Value::text(name));
    fact.decoded = {{"phase", "terminating", "on its way out"}};
    maker.subject().facts.all.push_back(fact);
  }
  const std::string text = rendered(maker.build(), "text");
  CAPTURE(text);
  CHECK(has(text, "BUSY       FirstService, SecondService:\n             phase  terminating"));
}

TEST_CASE("reports that are no panic get a heading of their own") {
  for (const auto& [kind, label] : {std::pair{ReportKind::forced_reset, "RESET"},
                                    {ReportKind::stackshot, "STACKSHOT"},
                                    {ReportKind::crash, "CRASH"},
                                    {ReportKind::other, "REPORT"}}) {
    CaseMaker maker;
    maker.report().report().kind = kind;
    const std::string text = rendered(maker.build(), "text");
    CAPTURE(text);
    CHECK(text.starts_with(std::string(label) + " "));
    CHECK_FALSE(has(text, "WHO"));
    CHECK(has(text, "INTEGRITY"));
  }
}

TEST_CASE("rivals are named, and findings that another one explains say so") {
  CaseMaker maker;
  maker.power_timeout();
  Finding rival;
  rival.rule = "pm/other";
  rival.title = "Another reading";
  rival.points = 40;
  rival.against = {{"no log", -10, {}}};
  Finding explained;
  explained.rule = "pm/general";
  explained.title = "A power timeout";
  explained.superseded_by = "dext/setpowerstate-timeout";
  maker.subject().findings.push_back(rival);
  maker.subject().findings.push_back(explained);
  const std::string text = rendered(maker.build(), "text");
  CAPTURE(text);
  CHECK(has(text, "ALSO POSSIBLE\n           - Another reading · possible (40 points) [pm/other]"));
  CHECK(has(text, "A power timeout [pm/general]: explained by dext/setpowerstate-timeout"));
}

TEST_CASE("of many notes the first ten are shown, damage before unknown lines") {
  CaseMaker maker;
  maker.power_timeout();
  for (int i = 0; i < 20; ++i)
    maker.report().note(NoteKind::unknown_line, "odd line " + std::to_string(i), {0, 80, 3});
  maker.report().note(NoteKind::damaged, "a register is cut off", {0, 80, 3});
  const Case subject = maker.build();
  const std::string text = rendered(subject, "text");
  CAPTURE(text);
  CHECK(has(text, "notes: 1 damaged, 20 unknown"));
  CHECK(has(text, "- line 2: a register is cut off"));
  CHECK(has(text, "… 11 more; --full shows all"));
  render::Options options;
  options.full = true;
  CHECK_FALSE(has(rendered(subject, "text", options), "more; --full"));
}

TEST_CASE("further panics of a file get one line each") {
  CaseMaker maker;
  maker.power_timeout();
  maker.report().begin_another_panic();
  maker.report().panic().message = {"the second one", {0, 80, 3}};
  const std::string text = rendered(maker.build(), "text");
  CAPTURE(text);
  CHECK(has(text, "FURTHER PANICS"));
  CHECK(has(text, "2.  the second one"));
}

TEST_CASE("a hostile message of megabytes is cut short") {
  CaseMaker maker;
  maker.report().panic().message.value = std::string(5'000'000, 'x');
  const std::string text = rendered(maker.build(), "text");
  CHECK(text.size() < 10'000);
  CHECK(has(text, "(4999400 bytes more)"));
}

}  // namespace panicscan
