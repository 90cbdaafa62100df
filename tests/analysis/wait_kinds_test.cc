// Every kind of deadlock that the reference driver's faults make, and what looks like one and is
// none: 200 generated cases of each kind, with exactly known members. The numbers are printed.

#include <functional>
#include <iostream>
#include <random>

#include "analysis/wait_scene.h"

namespace panicscan {
namespace {

constexpr int kCasesOfAKind = 200;

/// A thread id, or a number of objects: never the same twice in a case.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}
  std::uint64_t id() { return next_ += 1 + random_() % 90; }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  std::string name(const std::string& stem) { return stem + std::to_string(random_() % 97); }

 private:
  std::mt19937 random_;
  std::uint64_t next_ = 100;
};

/// A report in which some threads are stuck for good.
struct Stuck {
  Scene scene;
  std::set<std::uint64_t> ring;  ///< the members; empty when nobody waits in a ring
  /// For what is stuck without a ring: the fact that says so, and the thread it names.
  std::string fact, field;
  std::uint64_t thread = 0;
};

/// Threads that have nothing to do with it: workers without work, and event loops.
void add_crowd(Scene& scene, Dice& dice) {
  for (std::uint64_t i = dice.below(6); i > 0; --i)
    scene.thread(dice.id(), {}, {"__workq_kernreturn", "start_wqthread"});
  for (std::uint64_t i = dice.below(4); i > 0; --i) {
    const std::uint64_t loop = dice.id();
    scene.thread(loop, {}, {"mach_msg2_trap", "CFRunLoopRun"})
        .wait(loop, Nobody{}, WaitKind::port_set_receive);
  }
}

/// Threads that wait for one of the ring, in rows: behind it, never part of it.
void add_followers(Scene& scene, Dice& dice, std::uint64_t member, WaitKind kind) {
  std::uint64_t before = member;
  for (std::uint64_t i = dice.below(8); i > 0; --i) {
    const std::uint64_t follower = dice.id();
    scene.thread(follower, {}, {}).wait(follower, ThreadId{before}, kind);
    before = dice.below(2) == 0 ? member : follower;
  }
}

Stuck kernel_mutex_ring(Dice& dice) {
  Stuck stuck;
  stuck.scene.process(0, "kernel_task");
  std::vector<std::uint64_t> members(2 + dice.below(4));
  for (auto& member : members) stuck.scene.thread(member = dice.id(), {}, {});
  for (std::size_t i = 0; i < members.size(); ++i)
    stuck.scene.wait(members[i], ThreadId{members[(i + 1) % members.size()]},
                     WaitKind::kernel_mutex);
  stuck.ring = {members.begin(), members.end()};
  add_followers(stuck.scene, dice, members.front(), WaitKind::kernel_mutex);
  return stuck;
}

/// Readers wait for the writer who holds the lock; one of them holds what the writer wants.
Stuck rwlock_with_readers(Dice& dice) {
  Stuck stuck;
  stuck.scene.process(0, "kernel_task");
  const std::uint64_t writer = dice.id(), reader = dice.id();
  stuck.scene.thread(writer, {}, {}).thread(reader, {}, {});
  stuck.scene.wait(reader, ThreadId{writer}, WaitKind::rwlock_read);
  stuck.scene.wait(writer, ThreadId{reader},
                   dice.below(2) == 0 ? WaitKind::kernel_mutex : WaitKind::rwlock_upgrade);
  stuck.ring = {writer, reader};
  add_followers(stuck.scene, dice, writer, WaitKind::rwlock_read);
  // A writer who waits for readers: the kernel keeps no list of them.
  const std::uint64_t second = dice.id();
  stuck.scene.thread(second, {}, {}).wait(second, Nobody{}, WaitKind::rwlock_write);
  return stuck;
}

/// One thread holds a lock and hops to a queue; the thread of that queue wants the lock.
Stuck ab_ba_through_queue(Dice& dice) {
  Stuck stuck;
  const std::string name = dice.name("Port");
  const std::uint64_t holder = dice.id(), server = dice.id();
  stuck.scene.process(612, "com.example.driver.port")
      .thread(holder, {}, hop_in({name + "Scheduler::Arm", name + "Client::Stop_Impl"}),
              name + "Client-Default")
      .thread(server, {}, lock_in({name + "Scheduler::Later", name + "Driver::Fired_Impl"}),
              name + "Driver-Default");
  // With the kernel's own words, or by the names of functions and queues alone.
  if (dice.below(2) == 0)
    stuck.scene.wait(holder, ThreadId{server}, WaitKind::workloop)
        .wait(server, ThreadId{holder}, WaitKind::pthread_mutex);
  stuck.ring = {holder, server};
  return stuck;
}

/// A kernel thread holds a lock and calls the driver extension; its thread wants that lock.
Stuck kernel_and_dext(Dice& dice) {
  Stuck stuck;
  const std::string name = dice.name("Port");
  const std::uint64_t caller = dice.id(), server = dice.id();
  stuck.scene.process(0, "kernel_task").thread(caller, rpc_of("SetPowerState"), {});
  stuck.scene.process(612, "com.example.driver.port")
      .thread(server, {}, {"iokit_user_client_trap", name + "::SetPowerState_Impl"},
              name + "-Default");
  if (dice.below(2) == 0) stuck.scene.wait(caller, ProcessId{612}, WaitKind::turnstile);
  stuck.scene.wait(server, ThreadId{caller}, WaitKind::kernel_mutex);
  stuck.ring = {caller, server};
  return stuck;
}

/// An app in a call of the driver extension, the driver extension in one of a daemon, the daemon in
/// one of the app.
Stuck three_parties_through_user_client(Dice& dice) {
  Stuck stuck;
  const std::uint64_t app = dice.id(), dext = dice.id(), daemon = dice.id();
  stuck.scene.process(300, "ExampleApp")
      .thread(app,
              {"thread_block", "kernel_mach_msg_rpc", "IOUserServer::rpc(IORPC)",
               "OSMetaClassBase::Invoke(IORPC)", "IOUserUserClient::externalMethod(unsigned)"},
              {"io_connect_method", "IOConnectCallMethod", "main"});
  stuck.scene.process(612, "com.example.driver.port")
      .thread(dext, {}, {"mach_msg2_trap", "PortClient::ExternalMethod_Impl"}, "Port-Default");
  stuck.scene.process(90, "exampled").thread(daemon, {}, {"mach_msg2_trap", "exampled_reply"});
  stuck.scene.wait(app, Nobody{}, WaitKind::port_receive).wait(app, ThreadId{dext});
  stuck.scene.wait(dext, Nobody{}, WaitKind::port_receive).wait(dext, ThreadId{daemon});
  stuck.scene.wait(daemon, ThreadId{app}, WaitKind::port_send);
  stuck.ring = {app, dext, daemon};
  return stuck;
}

Stuck self_wait(Dice& dice) {
  Stuck stuck;
  const std::uint64_t self = dice.id();
  const std::string queue = dice.name("Port") + "-Default";
  stuck.scene.process(612, "com.example.driver.port")
      .thread(self, {}, hop_in({"PortDriver::Flush", "PortDriver::Stop_Impl"}), queue);
  constexpr WaitKind kKinds[] = {WaitKind::workloop, WaitKind::turnstile, WaitKind::pthread_mutex};
  stuck.scene.wait(self, ThreadId{self}, kKinds[dice.below(3)]);
  stuck.ring = {self};
  add_followers(stuck.scene, dice, self, WaitKind::workloop);
  return stuck;
}

Stuck launch_stall(Dice& dice) {
  Stuck stuck;
  stuck.thread = dice.id();
  stuck.scene.process(0, "kernel_task")
      .thread(stuck.thread,
              {"thread_block", "__WAITING_FOR_USER_SERVER__", "IOService::startCandidate"}, {});
  stuck.fact = "dext.launch";
  stuck.field = "thread";
  return stuck;
}

/// The kernel's thread that terminates services waits for Stop() of a driver extension, which waits
/// for something that nobody is known to signal.
Stuck stop_hang(Dice& dice) {
  Stuck stuck;
  const std::string name = dice.name("Port");
  const std::uint64_t caller = dice.id();
  stuck.thread = dice.id();
  stuck.scene.process(0, "kernel_task").thread(caller, rpc_of("Stop"), {});
  stuck.scene.process(612, "com.example.driver.port")
      .thread(stuck.thread, {}, {"semaphore_wait_trap", name + "::Drain", name + "::Stop_Impl"},
              name + "-Default");
  if (dice.below(2) == 0) stuck.scene.wait(caller, ThreadId{stuck.thread});
  stuck.fact = "dext.call";
  stuck.field = "server";
  return stuck;
}

struct Kind {
  std::string_view name;
  Stuck (*make)(Dice& dice);
};
constexpr Kind kKinds[] = {
    {"kernel mutex rings of 2 to 5", kernel_mutex_ring},
    {"rwlock with readers", rwlock_with_readers},
    {"AB-BA through a dispatch queue", ab_ba_through_queue},
    {"kernel and driver extension through RPC", kernel_and_dext},
    {"three parties through a user client", three_parties_through_user_client},
    {"self-wait", self_wait},
    {"launch stall", launch_stall},
    {"stop hang", stop_hang},
};

/// A and B wait for C; so does D, by way of both.
Scene diamond(Dice& dice) {
  Scene scene;
  scene.process(7, "exampled");
  const std::uint64_t end = dice.id();
  scene.thread(end, {}, {}, {}, "TH_RUN");
  std::vector<std::uint64_t> before{end};
  for (std::uint64_t level = 1 + dice.below(6); level > 0; --level) {
    const std::uint64_t left = dice.id(), right = dice.id(), top = dice.id();
    scene.thread(left, {}, {}).thread(right, {}, {}).thread(top, {}, {});
    scene.wait(left, ThreadId{before.back()}, WaitKind::kernel_mutex);
    scene.wait(right, ThreadId{before.back()}, WaitKind::rwlock_read);
    scene.wait(top, ThreadId{left}, WaitKind::turnstile);
    scene.wait(top, ThreadId{right}, WaitKind::workloop);
    before.push_back(top);
  }
  return scene;
}

Scene chain(Dice& dice) {
  Scene scene;
  scene.process(7, "exampled");
  std::uint64_t before = dice.id();
  scene.thread(before, {}, {}, {}, dice.below(2) == 0 ? "TH_RUN" : "TH_WAIT");
  for (std::uint64_t i = 2 + dice.below(60); i > 0; --i) {
    const std::uint64_t next = dice.id();
    scene.thread(next, {}, {}).wait(next, ThreadId{before}, WaitKind::inheritor);
    before = next;
  }
  return scene;
}

Scene convoy(Dice& dice) {
  Scene scene;
  scene.process(0, "kernel_task");
  const std::uint64_t owner = dice.id();
  scene.thread(owner, {}, {}, {}, "TH_RUN");
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t waiter = dice.id();
    scene.thread(waiter, {}, {}).wait(waiter, ThreadId{owner}, WaitKind::kernel_mutex);
  }
  return scene;
}

/// The process made the semaphore that its own threads wait on; one of them runs and can signal it.
Scene semaphore_of_a_healthy_process(Dice& dice) {
  Scene scene;
  scene.process(7, "exampled").thread(dice.id(), {}, {}, {}, "TH_RUN");
  for (std::uint64_t i = 1 + dice.below(20); i > 0; --i) {
    const std::uint64_t waiter = dice.id();
    scene.thread(waiter, {}, {}).wait(waiter, ProcessId{7}, WaitKind::semaphore);
  }
  return scene;
}

/// Threads that wait for work, on ports whose names are numbers of threads and processes.
Scene event_loops(Dice& dice) {
  Scene scene;
  scene.process(7, "exampled");
  std::vector<std::uint64_t> loops;
  for (std::uint64_t i = 2 + dice.below(20); i > 0; --i) {
    loops.push_back(dice.id());
    scene.thread(loops.back(), {}, {"mach_msg2_trap", "CFRunLoopRun"});
  }
  for (const std::uint64_t loop : loops)
    scene.wait(loop, Nobody{},
               dice.below(2) == 0 ? WaitKind::port_set_receive : WaitKind::port_receive);
  return scene;
}

/// Locks and ports of different kinds whose hashed names are the same number.
Scene equal_objects(Dice& dice) {
  Scene scene;
  scene.process(7, "exampled");
  const std::uint64_t end = dice.id(), object = dice.id();
  scene.thread(end, {}, {}, {}, "TH_RUN");
  constexpr WaitKind kOwned[] = {WaitKind::kernel_mutex, WaitKind::rwlock_read,
                                 WaitKind::user_lock};
  constexpr WaitKind kFree[] = {WaitKind::port_receive, WaitKind::rwlock_write,
                                WaitKind::pthread_condvar, WaitKind::vm};
  for (std::uint64_t i = 3 + dice.below(20); i > 0; --i) {
    const std::uint64_t waiter = dice.id();
    scene.thread(waiter, {}, {});
    if (dice.below(2) == 0)
      scene.wait_on(waiter, object, ThreadId{end}, kOwned[dice.below(3)]);
    else
      scene.wait_on(waiter, object, Nobody{}, kFree[dice.below(4)]);
  }
  return scene;
}

struct Harmless {
  std::string_view name;
  Scene (*make)(Dice& dice);
};
constexpr Harmless kHarmless[] = {
    {"diamonds", diamond},
    {"chains", chain},
    {"convoys of 500 waiters on one running owner", convoy},
    {"semaphores of a process that is fine", semaphore_of_a_healthy_process},
    {"port-receive event loops", event_loops},
    {"wait objects equal by accident", equal_objects},
};

}  // namespace

TEST_CASE("every kind of deadlock is found, 200 cases each, with exactly its members") {
  int cases = 0;
  for (const Kind& kind : kKinds) {
    int found = 0;
    for (int number = 0; number < kCasesOfAKind; ++number, ++cases) {
      Dice dice(static_cast<std::uint32_t>(20250701 + cases));
      Stuck stuck = kind.make(dice);
      add_crowd(stuck.scene, dice);
      const Facts facts = stuck.scene.facts();
      INFO(kind.name << ", case " << number);
      const bool are_members_right = deadlocked_threads(facts) == stuck.ring;
      const bool is_told = stuck.ring.empty() ? field(facts, stuck.fact, stuck.field) ==
                                                        std::to_string(stuck.thread) &&
                                                    count(facts, stuck.fact) == 1
                                              : facts.find("wait.cycle") != nullptr;
      CHECK(are_members_right);
      CHECK(is_told);
      found += are_members_right && is_told ? 1 : 0;
    }
    std::cout << "waits: " << kind.name << ": " << found << " of " << kCasesOfAKind << " found\n";
  }
  std::cout << "waits: " << cases << " generated deadlocks and hangs\n";
}

TEST_CASE("what looks like a deadlock is none, 200 cases each") {
  int cases = 0;
  for (const Harmless& kind : kHarmless) {
    int right = 0;
    for (int number = 0; number < kCasesOfAKind; ++number, ++cases) {
      Dice dice(static_cast<std::uint32_t>(20250801 + cases));
      Scene scene = kind.make(dice);
      add_crowd(scene, dice);
      const Facts facts = scene.facts();
      INFO(kind.name << ", case " << number);
      const bool is_right = facts.waits.deadlocks.empty() && facts.find("wait.cycle") == nullptr;
      CHECK(is_right);
      right += is_right ? 1 : 0;
    }
    std::cout << "waits: " << kind.name << ": " << right << " of " << kCasesOfAKind
              << " without a cycle\n";
  }
  std::cout << "waits: " << cases << " generated graphs without a cycle\n";
}

TEST_CASE("without symbols a reported ring is found, and one that is not is said to be missing") {
  const auto scene = [](bool is_reported) {
    Scene made;
    made.process(0, "kernel_task").thread(231, {}, {});
    made.process(612, "com.example.driver.port").thread(51, {}, {}, "Port-Default");
    made.wait(231, Nobody{}, WaitKind::port_receive).wait(231, ProcessId{612});
    if (is_reported) made.wait(51, ThreadId{231}, WaitKind::kernel_mutex);
    return made.facts();
  };
  CHECK(deadlocked_threads(scene(true)) == std::set<std::uint64_t>{51, 231});
  const Facts unknown = scene(false);
  CHECK(deadlocked_threads(unknown).empty());
  CHECK(field(unknown, "wait.missing", "thread") == "51");
  CHECK(field(unknown, "wait.missing", "settles").find("dSYM") != std::string::npos);
}

}  // namespace panicscan
