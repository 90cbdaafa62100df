// How much of what the kernels of the corpus say of waits becomes an edge of the graph, or has a
// stated reason why not. The reports are other people's and not part of this repository; without
// them the test says so and passes.

#include <cstdio>
#include <iostream>
#include <set>

#include "app/support.h"
#include "base/text.h"
#include "catch.h"

using namespace panicscan;
using namespace panicscan::testing;

namespace {

/// How many texts `"thread 123: …` a file holds: the lines of waitInfo and turnstileInfo.
std::size_t wait_texts(std::string_view file) {
  constexpr std::string_view kBegin = "\"thread ";
  std::size_t count = 0;
  for (auto at = file.find(kBegin); at != std::string_view::npos; at = file.find(kBegin, at + 1)) {
    std::string_view rest = file.substr(at + kBegin.size());
    if (consume_decimal(rest) && rest.starts_with(": ")) ++count;
  }
  return count;
}

struct Share {
  std::size_t lines = 0;    ///< of waitInfo and turnstileInfo in the report
  std::size_t edges = 0;    ///< of them with an edge to a thread or a process
  std::size_t reasons = 0;  ///< of the rest with a reason that says something
};

Share share_of(const Report& report, const WaitGraph& graph) {
  std::set<std::uint32_t> to_somebody, known;
  for (const WaitLink& link : graph.links)
    if (link.wait && link.strength != WaitStrength::object) to_somebody.insert(link.wait->value);
  for (const WaitGap& gap : graph.gaps)
    if (gap.reason != WaitGapReason::unknown_phrase && !to_somebody.contains(gap.wait.value))
      known.insert(gap.wait.value);
  return {report.waits.size(), to_somebody.size(), known.size()};
}

}  // namespace

TEST_CASE("waits of the corpus become edges, or there is a stated reason why not") {
  const char* corpus = std::getenv("PANICSCAN_CORPUS");
  std::vector<fs::path> files;
  if (corpus != nullptr)
    for (const char* folder : {"panics", "crashes", "kcdata"})
      for (const fs::path& path : reports_below(fs::path(corpus) / folder)) files.push_back(path);
  if (files.empty()) {
    std::cout << "SKIPPED corpus: PANICSCAN_CORPUS names no reports\n";
    return;
  }
  Share all;
  std::size_t full_size = 0;
  for (const fs::path& path : files) {
    const std::string text = read_file(path);
    const auto examined = examine_text(text, path.filename().string());
    if (!examined || examined->report.waits.empty()) {
      INFO(path);
      CHECK(wait_texts(text) == 0);
      continue;
    }
    const Share share = share_of(examined->report, examined->facts.waits);
    std::printf("%-66s %4zu lines: %4zu edges, %4zu reasons, %6.2f %%\n",
                path.filename().string().c_str(), share.lines, share.edges, share.reasons,
                100.0 * static_cast<double>(share.edges + share.reasons) /
                    static_cast<double>(share.lines));
    INFO(path);
    // No line of the file is lost on the way to the graph: a line may tell of two waits.
    CHECK(share.lines >= wait_texts(text));
    CHECK(100 * (share.edges + share.reasons) >= 99 * share.lines);
    all.lines += share.lines;
    all.edges += share.edges;
    all.reasons += share.reasons;
    full_size += share.lines > 100 ? 1 : 0;
  }
  std::printf(
      "corpus: %zu wait lines, %zu edges, %zu with a reason why not: %.2f %%\n", all.lines,
      all.edges, all.reasons,
      100.0 * static_cast<double>(all.edges + all.reasons) / static_cast<double>(all.lines));
  CHECK(100 * (all.edges + all.reasons) >= 99 * all.lines);
  CHECK(full_size >= 4);
}
