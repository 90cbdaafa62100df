// The picture of waits: what is drawn, and that no name of a report can add to it.

#include <algorithm>

#include "catch.h"
#include "make_case.h"
#include "render/wait_picture.h"

namespace panicscan {
namespace {

using test::has;

/// A ring of two threads of a driver extension, and `behind` threads that wait behind it.
Case ring(const std::string& process, const std::string& queue, std::uint32_t behind) {
  test::CaseMaker maker;
  maker.process(612, process, 100, std::vector(behind + 2, std::vector<std::uint64_t>{0x10}));
  Case subject = maker.build();
  subject.report.threads[0].queue = queue;
  WaitGraph& graph = subject.facts.waits;
  for (std::uint32_t i = 0; i < behind + 2; ++i) {
    graph.nodes.push_back({WaitNodeKind::thread, 100 + i, {}, Index<Thread>{i}, Index<Process>{0}});
    WaitLink link;
    link.from = {i};
    link.to = {i == 0 ? 1U : i == 1 ? 0U : i - 1};
    link.kind = WaitKind::pthread_mutex;
    if (i == 1) link.sureness = WaitSureness::weak;
    if (i == 1) link.text = "only other thread inside " + process;
    graph.links.push_back(link);
  }
  Deadlock deadlock;
  deadlock.members = {{0}, {1}};
  deadlock.cycles.push_back({{{0}, {1}}, {{0}, {1}}, WaitSureness::weak, {"one", "two"}});
  for (std::uint32_t i = 2; i < behind + 2; ++i) deadlock.behind.push_back({i});
  graph.deadlocks.push_back(deadlock);
  return subject;
}

std::string drawn(const Case& subject, std::string_view format) {
  std::ostringstream out;
  render::find_output_format(format)->render(out, subject, {});
  return out.str();
}

const std::string kEvil =
    "a\"]; n9[label=\"x\\\" --> <script>end\n%%{init}%%\x1b[31m|`#quot;\xff\xe2\x80\xae{}";

}  // namespace

TEST_CASE("a ring is marked by its label as well as by colour, and what was inferred is dashed") {
  const Case subject = ring("com.example.driver", "Example-Default", 1);
  const std::string dot = drawn(subject, "dot");
  CHECK(has(dot,
            "n0 [label=\"CYCLE\\nthread 100 of com.example.driver (pid 612)\\n"
            "queue Example-Default\", color=\"#b00020\""));
  CHECK(has(dot, "n0 -> n1 [label=\"CYCLE: pthread mutex\", color=\"#b00020\", penwidth=2];"));
  CHECK(has(dot,
            "n1 -> n0 [label=\"CYCLE: only other thread inside com.example.driver\", "
            "color=\"#b00020\", penwidth=2, style=dashed];"));
  CHECK(has(dot, "n2 -> n1 [label=\"pthread mutex\"];"));
  const std::string mermaid = drawn(subject, "mermaid");
  CHECK(has(mermaid, "flowchart LR\n  n0[\"CYCLE<br/>thread 100 of com.example.driver"));
  CHECK(has(mermaid, "n0 -->|\"CYCLE: pthread mutex\"| n1"));
  CHECK(has(mermaid, "n1 -.->|\"CYCLE: only other"));
  CHECK(has(mermaid, "class n0 cycle;"));
}

TEST_CASE("a picture has at most sixty boxes and says how many it leaves out") {
  Case subject = ring("com.example.driver", "", 300);
  WaitChain chain;
  for (std::uint32_t i = 0; i < 302; ++i) chain.nodes.push_back({i});
  subject.facts.waits.chains.push_back(chain);
  const render::WaitPicture picture = render::wait_picture(subject);
  CHECK(picture.nodes.size() == render::WaitPicture::kMostNodes);
  CHECK(picture.left_out == 302 - render::WaitPicture::kMostNodes);
  CHECK(has(drawn(subject, "dot"), "242 more not shown"));
  CHECK(has(drawn(subject, "mermaid"), "242 more threads are not shown"));
}

TEST_CASE("a hostile name adds neither a line nor a box to a picture") {
  const Case plain = ring("a", "b", 0), evil = ring(kEvil, kEvil, 0);
  for (const std::string_view format : {"dot", "mermaid"}) {
    const std::string text = drawn(evil, format);
    CAPTURE(text);
    const std::string harmless = drawn(plain, format);
    CHECK(std::ranges::count(text, '\n') == std::ranges::count(harmless, '\n'));
    CHECK_FALSE(has(text, "\x1b"));
    CHECK_FALSE(has(text, "\xe2\x80\xae"));
    if (format == "mermaid") {
      CHECK_FALSE(has(text, "<script"));
      CHECK_FALSE(has(text, "%%"));
      CHECK_FALSE(has(text, "`"));
    }
    // Quotes come in pairs: those of a name are escaped.
    std::size_t quotes = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (format == "dot" && text[i] == '\\') {
        ++i;
      } else if (text[i] == '"') {
        ++quotes;
      }
    }
    CHECK(quotes % 2 == 0);
    CHECK(quotes == static_cast<std::size_t>(std::ranges::count(harmless, '"')));
  }
}

TEST_CASE("one's own code is marked in a picture, by its label as well") {
  Case subject = ring("com.example.driver", "", 0);
  CHECK_FALSE(has(drawn(subject, "dot"), "your own code"));
  subject.owners.own = {"com.example.driver"};
  CHECK(has(drawn(subject, "dot"), "\\nyour own code\", color="));
  const std::string mermaid = drawn(subject, "mermaid");
  CHECK(has(mermaid, "<br/>your own code\"]"));
  CHECK(has(mermaid, "class n0 own;"));
}

TEST_CASE("several pictures in one stream stay apart, whatever their files are called") {
  const Case subject = ring("com.example.driver", "", 0);
  const auto several = [&](std::string_view format, std::string_view name) {
    const render::OutputFormat& as = *render::find_output_format(format);
    std::ostringstream out;
    as.seam(out, render::Seam::before_first, name);
    as.render(out, subject, {});
    as.seam(out, render::Seam::between, name);
    as.render(out, subject, {});
    as.seam(out, render::Seam::behind_last, {});
    return out.str();
  };
  for (const std::string& name :
       {std::string("a.ips"), kEvil, std::string("```\n%%{init: {}}%%")}) {
    const std::string one = drawn(subject, "dot");
    std::string rest = several("dot", name);
    CHECK(rest.starts_with("// "));
    rest.erase(0, rest.find('\n') + 1);
    REQUIRE(rest.starts_with(one));
    rest.erase(0, one.size());
    CHECK(rest.starts_with("\n// "));
    rest.erase(0, rest.find('\n', 1) + 1);
    CHECK(rest == one);

    const std::string block = drawn(subject, "mermaid");
    rest = several("mermaid", name);
    CHECK(rest.starts_with("```mermaid\n%% "));
    CHECK(rest.find("%%{") == std::string::npos);
    rest.erase(0, rest.find('\n', 12) + 1);
    REQUIRE(rest.starts_with(block + "```\n\n```mermaid\n%% "));
    rest.erase(0, rest.find('\n', block.size() + 17) + 1);
    CHECK(rest == block + "```\n");
  }
  CHECK(std::ranges::count(several("mermaid", "a"), '`') == 12);
}

TEST_CASE("without waits the picture is empty and still well-formed") {
  const Case subject = test::CaseMaker().build();
  CHECK(has(drawn(subject, "dot"), "digraph waits {"));
  CHECK(has(drawn(subject, "mermaid"), "no thread is reported to wait"));
}

}  // namespace panicscan
