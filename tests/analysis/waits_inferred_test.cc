// Waits concluded from names: what the report does not say itself.

#include <algorithm>
#include <iostream>
#include <random>
#include <set>

#include "analysis/wait_scene.h"

namespace panicscan {
namespace {

const std::string kDext = "com.example.driver.port";

}  // namespace

TEST_CASE("a lock held across a queue hop is found by names alone") {
  Scene scene;
  scene.process(612, kDext)
      .thread(51, {}, hop_in({"PortScheduler::Arm", "PortClient::Stop_Impl"}), "PortClient-Default")
      .thread(52, {}, lock_in({"PortScheduler::Later", "PortDriver::Fired_Impl"}), "Port-Default");
  SECTION("two threads inside the same class") {
    const Facts facts = scene.facts();
    CHECK(deadlocked_threads(facts) == std::set<std::uint64_t>{51, 52});
    CHECK(field(facts, "wait.cycle", "shape") == "lock-and-queue");
    CHECK(field(facts, "wait.cycle", "sureness") == "weak");
    CHECK(field(facts, "wait.cycle", "dext") == kDext);
    REQUIRE(facts.find("wait.cycle") != nullptr);
    CHECK(facts.find("wait.cycle")->origin == Origin::inferred);
    CHECK(field(facts, "dext.thread", "via") == "IOTimerDispatchSource::WakeAtTime");
  }
  SECTION("a third thread could be the one that holds the lock") {
    scene.thread(53, {}, {"semaphore_wait_trap", "PortScheduler::Wait"}, "Port-Other");
    const Facts facts = scene.facts();
    CHECK(deadlocked_threads(facts).empty());
    CHECK(field(facts, "wait.missing", "doing") == "lock");
  }
  SECTION("the queue may be another one, which is free to go on") {
    scene.thread(53, {}, {"PortDriver::Work"}, "Port-Other", "TH_RUN");
    CHECK(deadlocked_threads(scene.facts()).empty());
  }
}

TEST_CASE("one's own code is never skipped, whatever its functions are called") {
  const auto scene = [] {
    return Scene()
        .process(612, kDext)
        .thread(51, {}, {"__psynch_mutexwait", "OSExampleQueue::Drain", "IOExamplePort::Stop_Impl"},
                "Port-Default");
  };
  const std::string image = "com.example.driver.port";
  // By their names the functions could be the system's, and are skipped.
  CHECK(field(scene().facts_in(image, {}), "dext.thread", "function") == "-");
  const Facts named = scene().facts_in(image, {{"com.example.driver"}, {}, {}});
  CHECK(field(named, "dext.thread", "function") == "OSExampleQueue::Drain");
  CHECK(field(named, "dext.thread", "via") == "OSExampleQueue::Drain");
  CHECK(field(named, "dext.thread", "doing") == "lock");
  const Facts built = scene().facts_in(image, {{}, {}, {image}});
  CHECK(field(built, "dext.thread", "function") == field(named, "dext.thread", "function"));
  CHECK(field(scene().facts_in(image, {{"com.example.other"}, {}, {}}), "dext.thread",
              "function") == "-");
}

TEST_CASE("of several driver extensions that are equally involved one's own is named") {
  const auto scene = [] {
    Scene made;
    made.process(0, "kernel_task")
        .thread(231, rpc_of("Stop"), {})
        .thread(232, rpc_of("Stop"), {})
        .process(612, kDext)
        .thread(51, {}, {"semaphore_wait_trap", "PortDriver::Stop_Impl"}, "Port-Default")
        .process(613, "com.example.disk.driver")
        .thread(61, {}, {"semaphore_wait_trap", "DiskDriver::Stop_Impl"}, "Disk-Default")
        .wait(231, ThreadId{51})
        .wait(232, ThreadId{61});
    return made;
  };
  const auto chain_end = [](const Facts& facts) { return field(facts, "wait.chain", "dext"); };
  CHECK(chain_end(scene().facts_in("", {{"com.example.disk"}, {}, {}})) ==
        "com.example.disk.driver");
  CHECK(chain_end(scene().facts_in("", {{"com.example.driver"}, {}, {}})) == kDext);
}

TEST_CASE("what the kernel reports is never overruled by names") {
  const Facts facts = Scene()
                          .process(612, kDext)
                          .thread(51, {}, hop_in({"PortScheduler::Arm"}), "PortClient-Default")
                          .thread(52, {}, lock_in({"PortScheduler::Later"}), "Port-Default")
                          .thread(53, {}, {"PortDriver::Work"}, "", "TH_RUN")
                          .wait(52, ThreadId{53}, WaitKind::pthread_mutex)
                          .facts();
  CHECK(deadlocked_threads(facts).empty());
}

TEST_CASE("a kernel thread in a call of a driver extension waits for the thread that executes it") {
  Scene scene;
  scene.process(0, "kernel_task").thread(231, rpc_of("Stop"), {});
  SECTION("by the method") {
    const Facts facts =
        scene.process(612, kDext)
            .thread(51, {}, {"semaphore_wait_trap", "PortDriver::Stop_Impl"}, "Port-Default")
            .thread(52, {}, {"semaphore_wait_trap", "PortDriver::Start_Impl"}, "Port-Other")
            .facts();
    CHECK(field(facts, "dext.call", "purpose") == "Stop");
    CHECK(field(facts, "dext.call", "server") == "51");
    CHECK(field(facts, "dext.call", "executes") == "yes");
    CHECK(field(facts, "dext.call", "terminating") == "yes");
    CHECK(field(facts, "dext.call", "sureness") == "evident");
    CHECK(deadlocked_threads(facts).empty());
    CHECK(field(facts, "wait.chain", "dext") == kDext);
  }
  SECTION("by the method, named as symbol files name what iig makes") {
    const Facts facts =
        scene.process(612, kDext)
            .thread(51, {}, {"nanosleep", "wait_for(unsigned int)", "PortDriver::Stop"},
                    "Port-Default")
            .thread(52, {}, {"semaphore_wait_trap", "PortDriver::Start"}, "Port-Other")
            .facts();
    CHECK(field(facts, "dext.call", "server") == "51");
    CHECK(field(facts, "dext.call", "server_method") == "Stop");
    CHECK(field(facts, "dext.call", "executes") == "yes");
  }
  SECTION("by being the only driver extension") {
    const Facts facts =
        scene.process(612, kDext).thread(51, {}, {"semaphore_wait_trap"}, "Port-Default").facts();
    CHECK(field(facts, "dext.call", "dext") == kDext);
    CHECK(field(facts, "dext.call", "sureness") == "weak");
  }
  SECTION("of two driver extensions neither is guessed") {
    const Facts facts = scene.process(612, kDext)
                            .thread(51, {}, {"semaphore_wait_trap"}, "Port-Default")
                            .process(613, "com.example.driver.disk")
                            .thread(61, {}, {"semaphore_wait_trap"}, "Disk-Default")
                            .facts();
    CHECK(field(facts, "dext.call", "dext") == "-");
    CHECK(field(facts, "wait.missing", "thread") == "231");
    CHECK(facts.waits.links.empty());
  }
  SECTION("without names, by the reply port and the turnstile") {
    const Facts facts = Scene()
                            .process(0, "kernel_task")
                            .thread(231, {}, {})
                            .process(612, kDext)
                            .thread(51, {}, {}, "Port-Default")
                            .wait(231, Nobody{}, WaitKind::port_receive)
                            .wait(231, ProcessId{612})
                            .facts();
    CHECK(field(facts, "dext.call", "dext") == kDext);
    CHECK(field(facts, "dext.call", "purpose") == "-");
    CHECK(field(facts, "wait.missing", "settles").find("dSYM") != std::string::npos);
  }
}

TEST_CASE("a thread that waits for a launch waits for somebody who is not there yet") {
  const Facts facts = Scene()
                          .process(0, "kernel_task")
                          .thread(231, {"thread_block", "__WAITING_FOR_USER_SERVER__"}, {})
                          .facts();
  CHECK(field(facts, "dext.launch", "thread") == "231");
  CHECK(field(facts, "wait.chain", "end") == "launching");
}

TEST_CASE("a busy entry is joined with the threads of its class") {
  Thread stopping;
  ReportBuilder builder = report_saying("busy timeout[0], (60s): 'PortDriver' (1,1812001)");
  Process process;
  process.id = {612};
  process.name = kDext;
  builder.begin_process(process);
  Frame frame = frame_at(0x1000);
  frame.reported_symbol = "PortDriver::Stop_Impl(IOService*)";
  stopping.id = {51};
  stopping.state = {"TH_WAIT"};
  SECTION("by a function of the class") {
    stopping.user_stack = builder.add_frames({frame});
    builder.add_thread(stopping);
    const Facts facts = facts_of(std::move(builder).build());
    CHECK(field(facts, "iokit.busy_thread", "thread") == "51");
    CHECK(field(facts, "iokit.busy_thread", "method") == "Stop");
  }
  SECTION("by the label of its queue") {
    stopping.queue = "PortDriver-Default";
    builder.add_thread(stopping);
    const Facts facts = facts_of(std::move(builder).build());
    CHECK(field(facts, "iokit.busy_thread", "queue") == "PortDriver-Default");
    CHECK(facts.find("iokit.busy_thread")->origin == Origin::inferred);
  }
}

TEST_CASE("generated rings that only names show are found, and near misses are none") {
  std::mt19937 random(20250603);
  std::size_t rings = 0, others = 0;
  for (int number = 0; number < 400; ++number) {
    Scene scene;
    const std::uint64_t a = 100 + random() % 100, b = 300 + random() % 100, k = 500;
    const int shape = number % 8;
    const bool by_rpc = shape == 1 || shape == 5;
    const bool is_ring = shape < 4;
    const std::string name = "Class" + std::to_string(random() % 9);
    if (by_rpc || shape == 2) {
      scene.process(0, "kernel_task").thread(k, rpc_of("SetPowerState"), {});
      // The thread that must execute it waits for what the kernel thread holds, or runs.
      if (is_ring) scene.wait(b, ThreadId{k}, WaitKind::kernel_mutex);
    }
    scene.process(612, kDext);
    if (!by_rpc)
      scene.thread(a, {}, hop_in({name + "::Arm", name + "Client::Stop_Impl"}), name + "Client");
    const std::string state = shape == 4 || shape == 5 ? "TH_RUN" : "TH_WAIT";
    const std::string other = shape == 6 ? "Other" : name;
    scene.thread(b, {},
                 by_rpc || shape == 2
                     ? Names{"iokit_user_client_trap", name + "::SetPowerState_Impl"}
                     : lock_in({other + "::Later", other + "::Fired_Impl"}),
                 shape == 7 ? name + "Client" : name + "-Default", state);
    for (std::uint64_t i = random() % 5; i > 0; --i)
      scene.thread(600 + i, {}, {"__workq_kernreturn", "start_wqthread"});
    const Facts facts = scene.facts();
    INFO("case " << number << " shape " << shape);
    const std::set<std::uint64_t> found = deadlocked_threads(facts);
    std::set<std::uint64_t> expected;
    if (is_ring) expected = by_rpc || shape == 2 ? std::set{b, k} : std::set{a, b};
    CHECK(found == expected);
    (is_ring ? rings : others) += 1;
  }
  std::cout << "waits by names: " << rings << " rings found, " << others << " without one\n";
}

}  // namespace panicscan
