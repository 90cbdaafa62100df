// Which of thousands of threads are shown: own code first, idle workers last.

#include "render/thread_groups.h"

#include <algorithm>

#include "catch.h"
#include "make_case.h"

namespace panicscan {
namespace {

using render::ThreadRank;

constexpr FactField kCallFields[] = {{"thread", ValueType::tid, "the kernel's thread"}};
constexpr FactSchema kCallSchema{"dext.call", "a call of a driver extension", kCallFields};

const std::string kOwn = "com.example.driver.port";

/// A stackshot of 3,000 threads: the kernel, of which thread 231 calls the user's driver extension,
/// that one, somebody else's, and daemons with idle workers.
Case crowded() {
  test::CaseMaker maker;
  std::vector<std::vector<std::uint64_t>> kernel;
  for (std::uint64_t i = 0; i < 400; ++i) kernel.push_back({0x10 + i % 40, 0x20});
  maker.process(0, "kernel_task", 1, kernel);
  for (std::int64_t i = 0; i < 100; ++i)
    maker.process(1000 + i, "daemon" + std::to_string(i),
                  10'000 + 25 * static_cast<std::uint64_t>(i),
                  std::vector(25, std::vector<std::uint64_t>{0x30, 0x40}));
  maker.process(612, kOwn, 5000, {{0x50}, {0x51}, {0x30, 0x40}});
  maker.process(613, "com.example.other.disk", 5100, {{0x60}});
  maker.process(614, "com.apple.DriverKit-Example", 5200,
                std::vector(96, std::vector<std::uint64_t>{0x70}));
  Case subject = maker.build();
  for (Thread& thread : subject.report.threads)
    if (thread.id.value >= 10'000 || thread.id.value == 5002) thread.flags = {"kThreadIdleWorker"};
  Fact call(kCallSchema);
  call.set("thread", Value::of(ValueType::tid, 231));
  subject.facts.all.push_back(call);
  return subject;
}

/// The groups' ranks, each once, in order.
std::vector<ThreadRank> ranks(const std::vector<render::ThreadGroup>& groups) {
  std::vector<ThreadRank> all;
  for (const render::ThreadGroup& group : groups)
    if (all.empty() || all.back() != group.rank) all.push_back(group.rank);
  return all;
}

}  // namespace

TEST_CASE("own code comes first, then driver extensions and who calls them, idle workers last") {
  Case subject = crowded();
  REQUIRE(subject.report.threads.size() == 3000);
  SECTION("named by the user") { subject.owners.own = {"com.example.driver"}; }
  SECTION("found from a dSYM") { subject.owners.built = {kOwn}; }
  const auto groups = render::group_threads(subject);
  CHECK(ranks(groups) == std::vector{ThreadRank::own, ThreadRank::driver, ThreadRank::caller,
                                     ThreadRank::apple_dext, ThreadRank::background,
                                     ThreadRank::idle});
  REQUIRE(groups.size() >= 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(groups[i].is_own);
    REQUIRE(groups[i].threads.size() == 1);
    const std::uint64_t id = subject.report.threads[groups[i].threads[0].value].id.value;
    CHECK((id == 5000 || id == 5001));
  }
  // Every thread is in exactly one group.
  std::size_t threads = 0;
  for (const render::ThreadGroup& group : groups) threads += group.threads.size();
  CHECK(threads == 3000);
}

TEST_CASE("the default view shows a dozen groups of 3,000 threads, and counts all of them") {
  Case subject = crowded();
  subject.owners.own = {kOwn};
  const std::string text = test::rendered(subject, "text");
  CAPTURE(text);
  CHECK(text.find("3000 threads of 104 processes, 46 different stacks") != std::string::npos);
  const auto own =
      text.find("1x    com.example.driver.port (612) tid 5000 · TH_WAIT << your own code");
  const auto caller = text.find("<< waits for a driver extension");
  REQUIRE(own != std::string::npos);
  REQUIRE(caller != std::string::npos);
  CHECK(own < caller);
  CHECK(text.find("96x   com.apple.DriverKit-Example") != std::string::npos);
  CHECK(text.find("more threads in 34 groups; --threads all shows them") != std::string::npos);
}

TEST_CASE("of a ring one's own threads are shown first") {
  Case subject = crowded();
  subject.owners.own = {kOwn};
  Deadlock deadlock;
  for (const std::uint64_t id : {std::uint64_t{1}, std::uint64_t{5001}}) {
    deadlock.members.push_back({static_cast<std::uint32_t>(subject.facts.waits.nodes.size())});
    subject.facts.waits.nodes.push_back({WaitNodeKind::thread, id, {}, {}, {}});
  }
  subject.facts.waits.deadlocks.push_back(deadlock);
  const auto groups = render::group_threads(subject);
  REQUIRE(groups.size() > 3);
  CHECK(groups[0].rank == ThreadRank::ring);
  CHECK(groups[0].is_own);
  CHECK(groups[1].rank == ThreadRank::ring);
  CHECK_FALSE(groups[1].is_own);
  CHECK(groups[2].rank == ThreadRank::own);
}

TEST_CASE("code of one's own kext makes a kernel thread one's own") {
  Case subject = crowded();
  subject.owners.own = {"com.example.kext"};
  const Thread& thread = subject.report.threads[7];
  subject.placements[thread.kernel_stack.begin].image = "com.example.kext";
  const auto groups = render::group_threads(subject);
  CHECK(groups.front().rank == ThreadRank::own);
  CHECK(groups.front().threads.front().value == 7);
}

}  // namespace panicscan
