// How long graphs of hostile size take: panicscan_analysis_tests "[speed]", in a release build.

#include <chrono>
#include <iostream>
#include <random>

#include "analysis/facts_of.h"

namespace panicscan {
namespace {

/// A report of 100,000 threads with two waits each; thread i waits for pick(i).
template <typename Pick>
Report large_report(Pick pick) {
  constexpr std::uint64_t kThreads = 100'000;
  Limits limits;
  ReportBuilder builder(std::make_shared<const std::string>(), limits);
  Process process;
  process.name = "kernel_task";
  builder.begin_process(process);
  for (std::uint64_t i = 0; i < kThreads; ++i) {
    Thread thread;
    thread.id = {i + 1};
    thread.state = {"TH_WAIT"};
    builder.add_thread(std::move(thread));
  }
  for (std::uint64_t i = 0; i < 2 * kThreads; ++i) {
    WaitEdge wait;
    wait.waiter = {i % kThreads + 1};
    wait.kind = WaitKind::kernel_mutex;
    wait.object = ObjectId{i};
    wait.owner = ThreadId{static_cast<std::uint64_t>(pick(i % kThreads)) + 1};
    wait.phrase = "generated";
    builder.add_wait(std::move(wait));
  }
  return std::move(builder).build();
}

void measure(std::string_view name, const Report& report) {
  const auto placements = place_frames(report);
  const Symbols symbols = symbols_in_report(report);
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const Facts facts = analysis::analyze(report, placements, symbols);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
    REQUIRE(facts.waits.links.size() == report.waits.size());
  }
  std::cout << "waits: " << name << ", " << report.threads.size() << " threads, "
            << report.waits.size() << " edges: " << best << " ms\n";
}

}  // namespace

TEST_CASE("graphs of a hundred thousand threads are searched in time", "[.][speed]") {
  std::mt19937_64 random(7);
  measure("acyclic",
          large_report([&](std::uint64_t i) { return i == 0 ? 200'000 : random() % i; }));
  measure("random", large_report([&](std::uint64_t) { return random() % 100'000; }));
  measure("one ring", large_report([](std::uint64_t i) { return (i + 1) % 100'000; }));
  measure("rings of two", large_report([](std::uint64_t i) { return i ^ 1; }));
  measure("everybody for one",
          large_report([](std::uint64_t i) { return std::uint64_t{i == 0 ? 1U : 0U}; }));
}

}  // namespace panicscan
