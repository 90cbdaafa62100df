// Rings of waits, made by a generator that knows nothing of the analysis.

#include <algorithm>
#include <iostream>
#include <random>
#include <set>

#include "analysis/facts_of.h"

namespace panicscan {
namespace {

void add_wait(ReportBuilder& builder, std::uint64_t waiter, Owner owner, std::uint64_t object,
              WaitKind kind = WaitKind::kernel_mutex) {
  WaitEdge wait;
  wait.waiter = {waiter};
  wait.kind = kind;
  wait.object = ObjectId{object};
  wait.owner = owner;
  wait.phrase = "generated";
  builder.add_wait(std::move(wait));
}

void add_threads(ReportBuilder& builder, std::uint64_t first, std::uint64_t count,
                 std::string state = "TH_WAIT") {
  for (std::uint64_t i = 0; i < count; ++i) {
    Thread thread;
    thread.id = {first + i};
    thread.state = {state};
    builder.add_thread(std::move(thread));
  }
}

constexpr WaitKind kHeldKinds[] = {
    WaitKind::kernel_mutex,  WaitKind::rwlock_read, WaitKind::rwlock_write, WaitKind::user_lock,
    WaitKind::pthread_mutex, WaitKind::workloop,    WaitKind::inheritor,    WaitKind::turnstile};

}  // namespace

TEST_CASE("generated rings are found with exactly their members") {
  std::mt19937 random(20250601);
  std::size_t cases = 0;
  for (std::uint64_t number = 0; number < 250; ++number, ++cases) {
    ReportBuilder builder;
    const std::uint64_t length = 1 + number % 5, followers = random() % 20;
    add_threads(builder, 100, length + followers);
    std::set<std::uint64_t> expected;
    for (std::uint64_t i = 0; i < length; ++i) {
      expected.insert(100 + i);
      add_wait(builder, 100 + i, ThreadId{100 + (i + 1) % length}, random(),
               kHeldKinds[random() % std::size(kHeldKinds)]);
    }
    // Each follower waits for a thread before it: behind the ring, never part of it.
    for (std::uint64_t i = 0; i < followers; ++i)
      add_wait(builder, 100 + length + i, ThreadId{100 + random() % (length + i)}, random());
    const Facts facts = facts_of(std::move(builder).build());
    INFO("case " << number);
    CHECK(deadlocked_threads(facts) == expected);
    REQUIRE(facts.waits.deadlocks.size() == 1);
    CHECK(facts.waits.deadlocks.front().behind.size() == followers);
    CHECK(field(facts, "wait.cycle", "length") == std::to_string(length));
  }
  std::cout << "waits: " << cases << " generated rings found\n";
}

TEST_CASE("generated graphs without a ring yield none") {
  std::mt19937 random(20250602);
  std::size_t cases = 0;
  for (std::uint64_t number = 0; number < 250; ++number, ++cases) {
    ReportBuilder builder;
    const std::uint64_t threads = 2 + random() % 500;
    Process process;
    process.id = {7};
    builder.begin_process(process);
    add_threads(builder, 100, 1, "TH_RUN");
    add_threads(builder, 101, threads - 1);
    for (std::uint64_t i = 1; i < threads; ++i) {
      const bool is_convoy = number % 5 == 0;
      add_wait(builder, 100 + i, ThreadId{is_convoy ? 100 : 100 + random() % i}, random() % 8);
      if (number % 5 == 1) add_wait(builder, 100 + i, ThreadId{100 + random() % i}, 1);
      // The process made the semaphore, or must answer: its first thread can.
      if (number % 5 == 2) add_wait(builder, 100 + i, ProcessId{7}, 5, WaitKind::semaphore);
      if (number % 5 == 3) add_wait(builder, 100 + i, ProcessId{7}, 5, WaitKind::turnstile);
      if (number % 5 == 4) add_wait(builder, 100 + i, Nobody{}, 9, WaitKind::port_set_receive);
    }
    const Facts facts = facts_of(std::move(builder).build());
    INFO("case " << number);
    CHECK(facts.waits.deadlocks.empty());
    CHECK(facts.find("wait.cycle") == nullptr);
    CHECK_FALSE(facts.waits.chains.empty());
  }
  std::cout << "waits: " << cases << " generated graphs without a ring\n";
}

TEST_CASE("a kernel thread and the driver extension it calls wait for each other") {
  ReportBuilder builder;
  Process kernel, dext;
  kernel.id = {0};
  kernel.name = "kernel_task";
  builder.begin_process(kernel);
  add_threads(builder, 10, 1);
  dext.id = {900};
  dext.name = "com.example.driver";
  builder.begin_process(dext);
  Thread server;
  server.id = {20};
  server.queue = "ExampleDriver-Default";
  server.state = {"TH_WAIT"};
  builder.add_thread(server);
  add_wait(builder, 10, ProcessId{900}, 0xa1, WaitKind::turnstile);
  add_wait(builder, 20, ThreadId{10}, 0xb2);

  SECTION("its only queue is blocked: a deadlock, concluded") {
    const Facts facts = facts_of(std::move(builder).build());
    CHECK(deadlocked_threads(facts) == std::set<std::uint64_t>{10, 20});
    CHECK(field(facts, "wait.cycle", "sureness") == "evident");
    CHECK(field(facts, "wait.cycle", "crosses_processes") == "yes");
  }
  SECTION("another queue still runs and may be the one called: no deadlock") {
    server.id = {21};
    server.queue = "ExampleDriver-Auxiliary";
    server.state = {"TH_RUN"};
    builder.add_thread(server);
    CHECK(facts_of(std::move(builder).build()).waits.deadlocks.empty());
  }
}

TEST_CASE("a chain says what is at its end, and what would settle what that is about") {
  struct Row {
    ChainEnd end;
    std::string state;
    std::string word;
  };
  const Row rows[] = {{ChainEnd::running, "TH_RUN", "running"},
                      {ChainEnd::suspended, "TH_SUSP", "suspended"},
                      {ChainEnd::exiting, "TH_TERMINATE", "exiting"},
                      {ChainEnd::waiting, "TH_WAIT", "waiting"}};
  for (const Row& row : rows) {
    INFO(row.word);
    ReportBuilder builder;
    add_threads(builder, 1, 1, row.state);
    add_threads(builder, 2, 2);
    add_wait(builder, 2, ThreadId{1}, 0xa1);
    add_wait(builder, 3, ThreadId{2}, 0xa2);
    const Facts facts = facts_of(std::move(builder).build());
    REQUIRE(facts.waits.chains.size() == 1);
    CHECK(facts.waits.chains[0].end == row.end);
    CHECK(field(facts, "wait.chain", "end") == row.word);
    CHECK(field(facts, "wait.chain", "end_name") == "thread 1 of process 0");
    CHECK(field(facts, "wait.chain", "waiters") == "2");
    CHECK(field(facts, "wait.chain", "settles").size() > 10);
  }
  ReportBuilder builder;
  add_threads(builder, 1, 2);
  add_wait(builder, 1, ThreadId{2}, 0xa1);
  add_wait(builder, 2, Nobody{}, 0xa2, WaitKind::port_set_receive);
  const Facts idle = facts_of(std::move(builder).build());
  REQUIRE(idle.waits.chains.size() == 1);
  CHECK(idle.waits.chains[0].end == ChainEnd::idle);
  ReportBuilder gone;
  add_threads(gone, 1, 1);
  add_wait(gone, 1, ProcessId{99}, 0xa1, WaitKind::port_send);
  CHECK(field(facts_of(std::move(gone).build()), "wait.chain", "end") == "not_there");
}

TEST_CASE("each line of waitInfo becomes a link, or there is a reason why not") {
  ReportBuilder builder;
  add_threads(builder, 1, 3);
  add_wait(builder, 1, Nobody{}, 0xa1, WaitKind::port_set_receive);
  add_wait(builder, 2, Nobody{}, 0xa2, WaitKind::rwlock_write);
  add_wait(builder, 3, ThreadId{77}, 0xa3);
  const Facts facts = facts_of(std::move(builder).build());
  REQUIRE(facts.waits.gaps.size() == 2);
  CHECK(facts.waits.gaps[0].reason == WaitGapReason::event_loop);
  CHECK(facts.waits.gaps[1].reason == WaitGapReason::readers);
  REQUIRE(facts.waits.chains.size() == 1);
  CHECK(facts.waits.chains[0].end == ChainEnd::not_there);
}

}  // namespace panicscan
