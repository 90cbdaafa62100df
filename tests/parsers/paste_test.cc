#include "parsers/paste.h"

#include <algorithm>

#include "catch.h"
#include "model/validate.h"
#include "tests/parsers/panic_reading.h"

namespace panicscan::parsers {
namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string prefixed(const std::string& text, std::string_view prefix) {
  std::string out(prefix);
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out += prefix;
  }
  return out;
}

/// What must survive any way of pasting.
void check_same(const Report& report, const Report& expected) {
  CHECK(validate(report).empty());
  CHECK(count_notes(report, NoteKind::repaired) == 1);
  CHECK(count_notes(report, NoteKind::unknown_line) == 0);
  const Panic& panic = *report.panic;
  const Panic& same = *expected.panic;
  CHECK(panic.message.value == same.message.value);
  CHECK(panic.process_name->value == same.process_name->value);
  CHECK(panic.kexts.size() == same.kexts.size());
  CHECK(report.frames.size() == expected.frames.size());
  CHECK(report.images.size() == expected.images.size());
  CHECK(panic.cores.size() == same.cores.size());
  CHECK(report.machine.build->value == expected.machine.build->value);
  CHECK(report.machine.kernel_uuid->value == expected.machine.kernel_uuid->value);
  CHECK(panic.layout.kernel_text_base->value == same.layout.kernel_text_base->value);
  CHECK(panic.times.calendar.has_value() == same.times.calendar.has_value());
  CHECK(panic.registers.size() == same.registers.size());
  for (std::size_t i = 0; i < std::min(panic.kexts.size(), same.kexts.size()); ++i) {
    CHECK(panic.kexts[i].bundle_id == same.kexts[i].bundle_id);
    CHECK(panic.kexts[i].version == same.kexts[i].version);
  }
}

TEST_CASE("a clean panic needs no repair and is not copied") {
  for (const std::string& text : {kArmPanic, kIntelPanic}) {
    const Report report = read_pasted_panic(text);
    CHECK(count_notes(report, NoteKind::repaired) == 0);
    CHECK(report.documents.size() == 2);  // the file, and the clean message
  }
}

TEST_CASE("a panic survives being pasted") {
  const bool intel = GENERATE(false, true);
  const std::string& text = intel ? kIntelPanic : kArmPanic;
  const Report expected = read_panic(text);

  SECTION("as a mail quote") { check_same(read_pasted_panic(prefixed(text, "> ")), expected); }
  SECTION("as a quote of a quote") {
    check_same(read_pasted_panic(prefixed(text, "> > ")), expected);
  }
  SECTION("as a quote without blanks") {
    check_same(read_pasted_panic(prefixed(text, ">")), expected);
  }
  SECTION("indented") { check_same(read_pasted_panic(prefixed(text, "    ")), expected); }
  SECTION("behind time stamps") {
    check_same(read_pasted_panic(prefixed(text, "2025-01-02 03:04:05.678901+0100 kernel: ")),
               expected);
  }
  SECTION("out of a syslog") {
    check_same(read_pasted_panic(prefixed(text, "Jan  2 03:04:05 host kernel[0]: ")), expected);
  }
  SECTION("out of a boot log") {
    check_same(read_pasted_panic(prefixed(text, "[   12.345678]: ")), expected);
  }
  SECTION("in a Markdown fence") {
    check_same(read_pasted_panic("```text\n" + text + "```\n"), expected);
  }
  SECTION("as HTML") {
    std::string html = replaced(text, "&", "&amp;");
    html = replaced(html, ">", "&gt;");
    html = replaced(html, "<", "&lt;");
    html = replaced(html, "\"", "&quot;");
    check_same(read_pasted_panic("<pre><code>" + html + "</code></pre>"), expected);
  }
  SECTION("as HTML that was encoded twice") {
    const std::string html = replaced(text, ">", "&amp;gt;");
    check_same(read_pasted_panic("<p>" + replaced(html, "\n", "<br>") + "</p>"), expected);
  }
  SECTION("as the text of a JSON string") {
    std::string json = replaced(text, "\\", "\\\\");
    json = replaced(json, "\"", "\\\"");
    json = replaced(json, "\t", "\\t");
    json = replaced(json, "/", "\\/");
    check_same(read_pasted_panic(replaced(json, "\n", "\\n")), expected);
  }
  SECTION("with typographic punctuation") {
    std::string typeset = replaced(text, "->", "\xE2\x86\x92");
    typeset = replaced(typeset, "\"", "\xE2\x80\x9D");
    check_same(read_pasted_panic(typeset), expected);
  }
  SECTION("with blank lines between all lines") {
    const Report report = read_pasted_panic(replaced(text, "\n", "\n\n"));
    CHECK(report.panic->kexts.size() == expected.panic->kexts.size());
    CHECK(report.frames.size() == expected.frames.size());
  }
  SECTION("with all line ends and tabs lost") {
    std::string flat = replaced(replaced(text, "\n", " "), "\t", " ");
    while (flat.find("  ") != std::string::npos) flat = replaced(flat, "  ", " ");
    // The order of the old value lines is all that tells them apart; nothing else may be lost.
    check_same(read_pasted_panic(flat), expected);
  }
}

TEST_CASE("entities and tags leave addresses and templates alone") {
  const auto html = undo_html("a &lt;0x12&gt; <0x34> <1B2C> OSPtr<Foo> &amp;lt;x<br/>y", 0);
  REQUIRE(html);
  CHECK(html->text() == "a <0x12> <0x34> <1B2C> OSPtr<Foo> <x\ny");
  CHECK_FALSE(undo_html("a < b && c > d", 0));
}

TEST_CASE("the C escapes of an old message are not taken for lost line ends") {
  CHECK_FALSE(undo_json_escapes(
      "panic(cpu 2 caller 0x1): \"Machine Check, registers:\\n\" \"CR0: 0x1\\n\" \"RAX: 0x2\\n\"",
      0));
}

TEST_CASE("names of Intel's kext lists are no quote marks") {
  CHECK_FALSE(undo_quoting("loaded kexts:\n>AGPM\t129\n>X86PlatformShim\t1.0\n", 0));
}

TEST_CASE("Markdown escapes and emphasis go, the kernel's own stars stay") {
  const auto cleaned = undo_markdown("LLC\\_ERR\\_STS\n**BSD process name: Mail**\n", 0);
  REQUIRE(cleaned);
  CHECK(cleaned->text() == "LLC_ERR_STS\nBSD process name: Mail\n");
  CHECK_FALSE(undo_markdown("** Stackshot Succeeded ** Bytes Traced 5 **\n", 0));
}

TEST_CASE("an address broken over two lines is joined") {
  const auto joined = undo_wrapping(
      "  com.example.driver.Foo(1.2)[22222222-3333-4444-5555-666666666666]@0xfffffe0025\n"
      "a00000->0xfffffe0025a0ffff\n",
      0);
  REQUIRE(joined);
  CHECK(joined->text().find("@0xfffffe0025a00000->0x") != std::string_view::npos);
}

TEST_CASE("the quote that closes a pasted JSON string is no line of the panic") {
  const auto plain = undo_json_escapes("\"a\\nb \\\"c\\\"\\nd\\ne\\n\"\nbehind\n", 0);
  REQUIRE(plain);
  CHECK(plain->text() == "\"a\nb \"c\"\nd\ne\n\nbehind\n");
  const auto escaped = undo_json_escapes("\"a\\nb\\nc\\nd \\\"e\\\"\\n\",", 0);
  REQUIRE(escaped);
  CHECK(escaped->text() == "\"a\nb\nc\nd \"e\"\n");
}

TEST_CASE("lines cut at a column are joined without a blank, those that lost one with it") {
  const Report report = read_pasted_panic(
      "panic(cpu 0 caller 0xffffff8012345678): Wake transition timed out after 180 se\n"
      "conds while calling power state change callbacks of some driver. Suspected bun\n"
      "dle: com.example.driver.Foo. Thread 0x12ee.\nBacktrace (CPU 0), Frame : Return Address\n");
  CHECK(report.panic->message.value ==
        "Wake transition timed out after 180 seconds while calling power state change callbacks "
        "of some driver. Suspected bundle: com.example.driver.Foo. Thread 0x12ee.");
}

TEST_CASE("a message wrapped at a terminal's width is one line again") {
  const Report report = read_pasted_panic(
      "panic(cpu 0 caller 0xffffff8012345678): Wake transition timed out after 180\n"
      "seconds while calling power state change callbacks. Suspected bundle:\n"
      "com.example.driver.Foo. Thread 0x12ee.\nBacktrace (CPU 0), Frame : Return Address\n");
  CHECK(report.panic->message.value ==
        "Wake transition timed out after 180 seconds while calling power state change callbacks. "
        "Suspected bundle: com.example.driver.Foo. Thread 0x12ee.");
}

TEST_CASE("nothing inside a quoted message becomes a line of its own") {
  const Report report = read_pasted_panic(
      "panic(cpu 0 caller 0xffffff8012345678): \"odd text OS version: Memory ID: Kernel UUID: "
      "here\" "
      "@Foo.cpp:1 Debugger message: panic Memory ID: 0x6 OS release type: User OS version: 24F74");
  CHECK(report.panic->message.value == "odd text OS version: Memory ID: Kernel UUID: here");
  CHECK(report.machine.build->value == "24F74");
}

}  // namespace
}  // namespace panicscan::parsers
