// Busy entries joined with a registry dump, and through it with processes and threads.

#include "analysis/facts_of.h"

namespace panicscan {
namespace {

constexpr std::string_view kServer = "com.example.driver.nic";

/// A panic about 'pci1000,97', with a dump in which a driver extension sits below that device.
class Scene {
 public:
  explicit Scene(std::string_view entry = "pci1000,97")
      : builder_(
            report_saying("busy timeout[0], (60s): '" + std::string(entry) + "' (1,1812001)")) {
    add({}, "Root", "IORegistryEntry");
    add(0, "apciec0@30000000", "AppleARMIODevice");
    DeviceNode& card = add(1, "pci1000,97@0", "IOPCIDevice");
    card.id = 0x1000004f0;
    card.busy = 1;
    card.busy_ms = 61498;
    card.is_registered = card.is_matched = true;
    add(2, "ExampleNIC", "IOUserNetworkEthernet").properties = {
        {"IOUserClass", "\"ExampleNIC\""},
        {"IOUserServerName", "\"" + std::string(kServer) + "\""}};
  }
  Scene& process(std::int64_t pid, std::string_view name) {
    Process process;
    process.id = {pid};
    process.name = std::string(name);
    builder_.begin_process(process);
    return *this;
  }
  Scene& thread(std::uint64_t id, const std::vector<std::string>& kernel,
                const std::vector<std::string>& user, std::string queue = {}) {
    Thread thread;
    thread.id = {id};
    thread.queue = std::move(queue);
    thread.state = {"TH_WAIT"};
    thread.kernel_stack = frames(kernel);
    thread.user_stack = frames(user);
    builder_.add_thread(std::move(thread));
    return *this;
  }
  /// A thread waits for a lock that the other one holds.
  Scene& wait(std::uint64_t waiter, std::uint64_t owner) {
    WaitEdge wait;
    wait.waiter = {waiter};
    wait.kind = WaitKind::kernel_mutex;
    wait.object = ObjectId{0xa1};
    wait.owner = ThreadId{owner};
    wait.phrase = "generated";
    builder_.add_wait(std::move(wait));
    return *this;
  }
  Facts facts() {
    Report report = std::move(builder_).build();
    report.devices.nodes = nodes_;
    return facts_of(report);
  }

 private:
  DeviceNode& add(std::optional<std::uint32_t> parent, std::string name, std::string class_name) {
    DeviceNode node;
    if (parent) node.parent = Index<DeviceNode>{*parent};
    node.name = std::move(name);
    node.class_name = std::move(class_name);
    nodes_.push_back(std::move(node));
    return nodes_.back();
  }
  IndexRange<Frame> frames(const std::vector<std::string>& names) {
    return add_named_frames(builder_, names, next_);
  }

  ReportBuilder builder_;
  std::vector<DeviceNode> nodes_;
  std::uint64_t next_ = 0;
};

}  // namespace

TEST_CASE("a busy device leads through the registry to the driver extension below it") {
  const Facts facts = Scene()
                          .process(612, kServer)
                          .thread(51, {}, {"semaphore_wait_trap", "ExampleNIC::Stop_Impl"})
                          .facts();
  REQUIRE(count(facts, "iokit.busy_thread") == 1);
  CHECK(field(facts, "iokit.busy_thread", "name") == "pci1000,97");
  CHECK(field(facts, "iokit.busy_thread", "thread") == "51");
  CHECK(field(facts, "iokit.busy_thread", "method") == "Stop");
  CHECK(field(facts, "iokit.busy_thread", "server") == kServer);
  CHECK(field(facts, "iokit.busy_thread", "entry_class") == "IOPCIDevice");
  CHECK(field(facts, "iokit.busy_thread", "entry_id") == "0x1000004f0");
  CHECK(field(facts, "iokit.busy_thread", "path") == "Root/apciec0/pci1000,97");
  CHECK(field(facts, "iokit.busy_thread", "state") ==
        "registered, matched, active, busy 1 (61498 ms in all)");
  CHECK(facts.culprit.bundle == kServer);
}

TEST_CASE("by its class an entry is found in the registry as well") {
  const Facts facts =
      Scene("ExampleNIC").process(612, kServer).thread(51, {}, {}, "ExampleNIC-Default").facts();
  CHECK(field(facts, "iokit.busy_thread", "queue") == "ExampleNIC-Default");
  CHECK(field(facts, "iokit.busy_thread", "entry_class") == "IOUserNetworkEthernet");
  CHECK(field(facts, "iokit.busy_thread", "path") == "Root/apciec0/pci1000,97/ExampleNIC");
}

TEST_CASE("the kernel's thread that calls the driver extension of an entry works for it") {
  const Facts facts =
      Scene()
          .process(0, "kernel_task")
          .thread(231,
                  {"thread_block", "kernel_mach_msg_rpc", "IOUserServer::rpc(IORPC)",
                   "OSMetaClassBase::Invoke(IORPC)", "IOService::Start(IOService*)"},
                  {})
          .process(612, kServer)
          .thread(51, {}, {"semaphore_wait_trap", "ExampleNIC::Start_Impl"}, "Worker")
          .facts();
  REQUIRE(count(facts, "iokit.busy_thread") == 2);
  CHECK(field(facts, "iokit.busy_thread", "thread") == "231");
  CHECK(field(facts, "iokit.busy_thread", "method") == "Start");
  CHECK(field(facts, "iokit.busy_thread", "dext") == "no");
  CHECK(facts.find("iokit.busy_thread")->origin == Origin::inferred);
}

TEST_CASE("a kext's start or stop is told by its function") {
  const Facts facts = Scene("ExampleKext")
                          .process(0, "kernel_task")
                          .thread(231, {"lck_mtx_sleep", "ExampleKext::start(IOService*)"}, {})
                          .facts();
  CHECK(field(facts, "iokit.busy_thread", "thread") == "231");
  CHECK(field(facts, "iokit.busy_thread", "method") == "start");
  CHECK(field(facts, "iokit.busy_thread", "path") == "-");
}

TEST_CASE("busy entries are nodes of the graph: who waits for a quiet registry waits for them") {
  const auto scene = [](bool holds_lock) {
    Scene made("ExampleNIC");
    made.process(0, "kernel_task")
        .thread(231,
                {"thread_block", "IOService::waitForState(unsigned int)",
                 "IOService::waitQuiet(unsigned long long)"},
                {})
        .process(612, kServer)
        .thread(51, {}, {"semaphore_wait_trap", "ExampleNIC::Stop_Impl"}, "ExampleNIC-Default");
    if (holds_lock) made.wait(51, 231);
    return made.facts();
  };
  const Facts waiting = scene(false);
  CHECK(waiting.waits.deadlocks.empty());
  REQUIRE_FALSE(waiting.waits.chains.empty());
  const WaitChain& chain = waiting.waits.chains.front();
  REQUIRE(chain.nodes.size() == 3);
  CHECK(waiting.waits.nodes[chain.nodes[1].value].kind == WaitNodeKind::entry);
  CHECK(chain.sureness == WaitSureness::weak);
  CHECK(chain.waiters == 1);
  // The driver needs what the waiting thread holds: nobody ever goes on.
  const Facts stuck = scene(true);
  CHECK(deadlocked_threads(stuck) == std::set<std::uint64_t>{51, 231});
  CHECK(field(stuck, "wait.cycle", "sureness") == "weak");
}

TEST_CASE("a driver extension that waits for quiet below itself does not wait for its own entry") {
  const Facts facts =
      Scene("ExampleNIC")
          .process(612, kServer)
          .thread(51, {"thread_block", "IOService::waitQuiet(unsigned long long)"},
                  {"iokit_user_client_trap", "ExampleNIC::Start_Impl"}, "ExampleNIC-Default")
          .facts();
  CHECK(facts.waits.deadlocks.empty());
  CHECK(field(facts, "iokit.busy_thread", "thread") == "51");
}

TEST_CASE("other processes have nothing to do with a busy entry") {
  CHECK(count(Scene()
                  .process(613, "com.example.driver.disk")
                  .thread(61, {}, {"semaphore_wait_trap", "ExampleDisk::Stop_Impl"})
                  .facts(),
              "iokit.busy_thread") == 0);
}

}  // namespace panicscan
