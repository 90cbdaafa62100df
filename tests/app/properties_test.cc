// What must hold for every sample and for every way a report gets damaged on its way to us.

#include <iostream>

#include "app/support.h"
#include "base/json_tree.h"
#include "base/text.h"
#include "catch.h"
#include "model/validate.h"

using namespace panicscan;
using namespace panicscan::testing;

namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Up to `count` offsets, evenly spread, each at a line end where there is one near.
std::vector<std::size_t> cuts(const std::string& text, std::size_t count) {
  std::vector<std::size_t> offsets;
  for (std::size_t i = 1; i < count; ++i) {
    const std::size_t even = text.size() * i / count;
    const std::size_t line = text.find('\n', even);
    offsets.push_back(i % 2 == 0 && line != std::string::npos ? line : even);
  }
  return offsets;
}

/// The report with the tasks of processByPid in reverse order, or nothing when it has none.
std::optional<std::string> with_processes_reversed(const std::string& text) {
  const auto key = text.find("\"processByPid\"");
  if (key == std::string::npos) return std::nullopt;
  const auto open = text.find('{', key);
  auto tree = JsonTree::parse(text, static_cast<std::uint32_t>(open));
  if (!tree || tree->truncated()) return std::nullopt;
  std::vector<std::string> members;
  tree->root().for_each([&](JsonValue task) {
    members.push_back("\"" + task.key() + "\":" + std::string(task.raw()));
  });
  std::string body;
  for (auto member = members.rbegin(); member != members.rend(); ++member)
    body += (body.empty() ? "" : ",") + *member;
  return text.substr(0, open) + "{" + body + "}" + text.substr(tree->end());
}

/// Adds a slide to every slid kernel address and every slide line of the text.
std::string slid_further(const std::string& text, std::uint64_t by) {
  std::string out;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto at = rest.find("0x");
    out += rest.substr(0, at);
    if (at == std::string_view::npos) break;
    const std::string_view before =
        std::string_view(out).substr(out.size() - std::min<std::size_t>(out.size(), 16));
    rest.remove_prefix(at);
    std::string_view number = rest;
    const auto value = consume_hex(number);
    const auto length = rest.size() - number.size();
    const bool is_kernel = value && (*value >> 40 == 0xfffffe || *value >> 36 == 0xffffff8 ||
                                     *value >> 36 == 0xffffff7 || *value >> 36 == 0xfffffff);
    const bool is_slide = value && before.find("slide:") != std::string_view::npos;
    if (value && (is_kernel || is_slide)) {
      out += length == 18 ? hex16(*value + by) : hex(*value + by);
    } else {
      out += rest.substr(0, value ? length : 2);
    }
    rest.remove_prefix(value ? length : 2);
  }
  return out;
}

}  // namespace

TEST_CASE("a report cut anywhere is an error or a valid partial report") {
  for (const fs::path& sample : samples()) {
    const std::string text = read_file(sample);
    const std::size_t count = text.size() > 200'000 ? 12 : 60;
    for (const std::size_t cut : cuts(text, count)) {
      INFO(sample.string() << " cut at " << cut);
      const auto examined = examine_text(text.substr(0, cut));
      if (!examined) {
        CHECK_FALSE(examined.error().message.empty());
        CHECK(examined.error().code == ErrorCode::unknown_format);
        continue;
      }
      CHECK(validate(examined->report) == std::vector<std::string>{});
      CHECK_FALSE(rendered(*examined, "text").empty());
    }
  }
}

TEST_CASE("line endings change no diagnosis") {
  for (const fs::path& sample : samples()) {
    INFO(sample.string());
    const std::string lf = replaced(read_file(sample), "\r\n", "\n");
    const auto with_lf = examine_text(lf), with_crlf = examine_text(replaced(lf, "\n", "\r\n"));
    REQUIRE(with_lf.has_value());
    REQUIRE(with_crlf.has_value());
    CHECK(diagnosis(*with_lf) == diagnosis(*with_crlf));
  }
}

TEST_CASE("the order of processes changes no diagnosis") {
  int shuffled = 0;
  for (const fs::path& sample : samples()) {
    INFO(sample.string());
    const std::string text = read_file(sample);
    const auto reversed = with_processes_reversed(text);
    if (!reversed) continue;
    ++shuffled;
    const auto a = examine_text(text), b = examine_text(*reversed);
    REQUIRE(a.has_value());
    REQUIRE(b.has_value());
    CHECK(a->report.threads.size() == b->report.threads.size());
    CHECK(diagnosis(*a) == diagnosis(*b));
  }
  CHECK(shuffled >= 3);
}

TEST_CASE("another slide changes no diagnosis and no offset") {
  int compared = 0;
  for (const fs::path& sample : samples()) {
    INFO(sample.string());
    const std::string text = read_file(sample);
    const auto a = examine_text(text), b = examine_text(slid_further(text, 0x4000000));
    REQUIRE(a.has_value());
    REQUIRE(b.has_value());
    CHECK(diagnosis(*a) == diagnosis(*b));
    REQUIRE(a->placements.size() == b->placements.size());
    for (std::size_t i = 0; i < a->placements.size(); ++i) {
      if (a->placements[i].status != PlacementStatus::placed) continue;
      ++compared;
      if (a->placements[i].offset.value != b->placements[i].offset.value)
        CHECK(a->placements[i].offset.value == b->placements[i].offset.value);
    }
  }
  CHECK(compared > 100);
}

TEST_CASE("what was read stands where its reference points") {
  for (const fs::path& sample : samples()) {
    INFO(sample.string());
    const auto examined = examine_text(read_file(sample));
    REQUIRE(examined.has_value());
    const Report& report = examined->report;
    const auto says = [&](SourceRef where, std::uint64_t value) {
      const std::string bytes = to_lower(bytes_at(report, where));
      return bytes.find(hex(value).substr(2)) != std::string::npos ||
             bytes.find(std::to_string(value)) != std::string::npos;
    };
    if (report.panic) {
      const Panic& panic = *report.panic;
      if (panic.caller) CHECK(says(panic.caller->where, panic.caller->value.value));
      if (panic.cpu) CHECK(says(panic.cpu->where, panic.cpu->value));
      if (panic.layout.kernel_slide)
        CHECK(says(panic.layout.kernel_slide->where, panic.layout.kernel_slide->value.value));
      if (panic.layout.text_exec_base)
        CHECK(says(panic.layout.text_exec_base->where, panic.layout.text_exec_base->value.value));
      if (panic.message.where.known())
        CHECK(bytes_at(report, panic.message.where) == panic.message.value);
      for (const Backtrace& backtrace : panic.backtraces)
        for (std::uint32_t i = backtrace.frames.begin; i < backtrace.frames.end; ++i)
          CHECK(says(report.frames[i].where, report.frames[i].address.value));
    }
    for (const Field& field : report.fields)
      if (field.where.known()) CHECK(in_file(report, field.where).document == 0);
  }
}

TEST_CASE("nothing in a report can control the terminal") {
  const std::string hostile =
      "{\"bug_type\":\"210\"}\n{\"panicString\":\"panic(cpu 1 caller 0xfffffe0012345678): "
      "\\u001b]0;owned\\u0007\\u009b31m <script>alert(1)</script> \\u202egnp @x.c:1\\n"
      "Panicked task 0xfffffe1234567890: 4 pages, 1 threads: pid 7: \\u001b[2J<b>evil\\n\","
      "\"processByPid\":{\"7\":{\"pid\":7,\"procname\":\"\\u001b[31mred\",\"threadById\":{\"9\":{"
      "\"id\":9,"
      "\"name\":\"a\\rb\\u001b[0m\",\"state\":[\"TH_RUN\"]}}}}}";
  const auto examined = examine_text(hostile);
  REQUIRE(examined.has_value());
  for (const char* format : {"text", "json"}) {
    const std::string out = rendered(*examined, format, {.full = true});
    CHECK(out.find('\x1b') == std::string::npos);
    CHECK(out.find('\a') == std::string::npos);
    CHECK(out.find('\r') == std::string::npos);
    if (std::string_view(format) == "text") {
      CHECK(out.find("\xc2\x9b") == std::string::npos);
      CHECK(out.find("\xe2\x80\xae") == std::string::npos);
    }
  }
}
