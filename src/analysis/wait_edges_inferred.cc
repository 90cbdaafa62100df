#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "analysis/wait_inference.h"
#include "model/driver_extension.h"

// What the names on the stacks add to what the kernel says.
//
//   a kernel thread in IOUserServer::rpc           → the driver extension that must answer, and of
//                                                    it the thread that executes the same method
//   a thread in __DISPATCH_WAIT_FOR_QUEUE__        → a queue of its process → who serves that queue
//   a thread in a lock's slow path                 → the lock taken in that function → the only
//                                                    other thread inside the same class
//   a thread of a driver extension in a call into  → the only kernel thread that meanwhile calls
//   the kernel                                       the same driver extension for something else
//   a kernel thread in __WAITING_FOR_USER_SERVER__ → a driver extension that has not checked in
//
// What the kernel itself reports is never contradicted: a thread with a reported link to a thread
// gets none here. Where several answers are possible the link leads to a node that is satisfied by
// any one of them, so that it cannot close a false ring.

namespace panicscan::analysis {
namespace {

constexpr std::size_t kMostCandidates = 16;
constexpr std::size_t kMostMissing = 32;

/// The first blocking link that a line of the report states for a thread.
std::unordered_map<std::uint64_t, std::uint32_t> reported_links(const WaitGraph& graph) {
  std::unordered_map<std::uint64_t, std::uint32_t> first;
  for (std::uint32_t i = 0; i < graph.links.size(); ++i) {
    const WaitLink& link = graph.links[i];
    if (link.strength != WaitStrength::blocks) continue;
    const WaitNode& from = graph.nodes[link.from.value];
    if (from.kind != WaitNodeKind::thread) continue;
    const auto [at, is_new] = first.try_emplace(from.id, i);
    // A thread is a better answer than a process.
    if (!is_new && graph.nodes[graph.links[at->second].to.value].kind == WaitNodeKind::process &&
        graph.nodes[link.to.value].kind == WaitNodeKind::thread)
      at->second = i;
  }
  return first;
}

std::string last_part(const std::string& function) {
  const std::size_t colons = function.rfind("::");
  std::string part = colons == std::string::npos ? function : function.substr(colons + 2);
  while (part.starts_with('_')) part.erase(0, 1);
  return part;
}

class LinkFinder {
 public:
  LinkFinder(WaitBuilder& builder, Inference& result)
      : builder_(builder),
        report_(builder.report()),
        result_(result),
        reported_(reported_links(builder.graph())) {
    for (std::uint32_t i = 0; i < report_.processes.size(); ++i)
      if (is_driver_extension(report_.processes[i])) dexts_.push_back({i});
    for (const WaitGap& gap : builder.graph().gaps)
      if (gap.reason == WaitGapReason::event_loop)
        in_event_loop_.insert(report_.waits[gap.wait.value].waiter.value);
    for (const ThreadWork& work : result.work) {
      const std::uint32_t process = thread_at(work.thread).process.value;
      if (!work.method.empty() && is_dext(process)) by_method_[work.method].push_back(&work);
    }
  }

  void find() {
    for (const ThreadWork& work : result_.work)
      if (is_stuck(work.thread)) find_calls(work);
    find_nameless_calls();
    for (const ThreadWork& work : result_.work)
      if (is_stuck(work.thread)) find_others(work);
    find_nameless_waits();
  }

 private:
  using Threads = std::vector<const ThreadWork*>;

  const Thread& thread_at(Index<Thread> index) const { return report_.threads[index.value]; }
  bool is_dext(std::uint32_t process) const {
    return std::ranges::binary_search(dexts_, Index<Process>{process});
  }
  bool is_stuck(Index<Thread> index) const {
    return builder_.activity(index) == Activity::waiting ||
           builder_.activity(index) == Activity::suspended;
  }
  /// Threads of a process with methods of that class on their stacks.
  const Threads& of_class(std::uint32_t process, const std::string& name) {
    if (by_class_.empty())  // few reports ask, and sorting all classes takes long
      for (const ThreadWork& work : result_.work)
        for (const auto& one : work.classes)
          by_class_[{thread_at(work.thread).process.value, *one}].push_back(&work);
    return by_class_[{process, name}];
  }
  const WaitLink* reported(Index<Thread> index) const {
    const auto found = reported_.find(thread_at(index).id.value);
    return found == reported_.end() ? nullptr : &builder_.graph().links[found->second];
  }
  /// Whether the kernel names the very thread that this one waits for.
  bool names_a_thread(const WaitLink* link) const {
    return link != nullptr && builder_.graph().nodes[link->to.value].kind == WaitNodeKind::thread;
  }
  const std::string& process_name(std::uint32_t process) const {
    return report_.processes[process].name;
  }

  void miss(Index<Thread> thread, Doing doing, std::string says, std::string settles) {
    if (result_.missing.size() < kMostMissing)
      result_.missing.push_back({thread, doing, std::move(says), std::move(settles)});
  }

  void find_calls(const ThreadWork& work) {
    if (work.doing == Doing::rpc) {
      add_call(work);
    } else if (work.doing == Doing::server_launch) {
      builder_.link(
          builder_.thread(thread_at(work.thread).id),
          builder_.named(WaitNodeKind::process, "a driver extension that has not checked in"),
          WaitSureness::evident, work.frame,
          "is in " + work.marker + ": it started a driver extension and waits for it to check in");
    }
  }

  void add_call(const ThreadWork& work) {
    RpcCall call{work.thread, last_part(work.via), {}, {}, {}, {}, work.frame,
                 {},          work.is_terminating};
    if (const WaitLink* link = reported(work.thread)) set_reported_target(call, *link);
    const Thread& thread = thread_at(work.thread);
    const Threads servers = threads_executing(call);
    const auto say = [&](const std::string& why) { return "is in " + work.marker + ": " + why; };
    if (servers.size() == 1 && !call.server) {
      const Index<Thread> server = servers.front()->thread;
      call.server = server;
      if (!call.dext) call.sureness = WaitSureness::evident;
      call.dext = thread_at(server).process;
      call.text =
          say("thread " + std::to_string(thread_at(server).id.value) + " of " +
              process_name(call.dext->value) + " is the only one that executes " + call.purpose);
      builder_.link(builder_.thread(thread.id), builder_.thread(thread_at(server).id),
                    WaitSureness::evident, work.frame, call.text);
    } else if (!call.dext && dexts_.size() == 1) {
      call.dext = dexts_.front();
      call.sureness = WaitSureness::weak;
      call.text =
          say(process_name(call.dext->value) + " is the only driver extension in the report");
      builder_.link(builder_.thread(thread.id),
                    builder_.process(report_.processes[call.dext->value].id), WaitSureness::weak,
                    work.frame, call.text);
    } else if (!call.dext) {
      miss(work.thread, Doing::rpc,
           say("it called a driver extension" +
               (call.purpose.empty() ? std::string() : " (" + call.purpose + ")") +
               "; which one the report does not say"),
           "a stackshot with turnstileInfo, or symbols for the driver extensions");
    }
    result_.calls.push_back(std::move(call));
  }

  void set_reported_target(RpcCall& call, const WaitLink& link) {
    const WaitNode& to = builder_.graph().nodes[link.to.value];
    call.dext = to.process;
    if (to.kind == WaitNodeKind::thread) call.server = to.thread;
    call.wait = link.wait;
    call.text = link.wait ? report_.waits[link.wait->value].phrase : link.text;
  }

  /// Threads of driver extensions that are inside the method that was called.
  Threads threads_executing(const RpcCall& call) const {
    Threads found;
    const auto method = by_method_.find(call.purpose);
    if (call.purpose.empty() || method == by_method_.end()) return found;
    for (const ThreadWork* work : method->second)
      if (!call.dext || thread_at(work->thread).process == *call.dext) found.push_back(work);
    return found;
  }

  /// Without names: a kernel thread that receives on its own reply port (name 0x1) and pushes on a
  /// driver extension has called it.
  /// Source: xnu osfmk/ipc/mach_msg.c, kernel_mach_msg_rpc (the kernel special reply port).
  void find_nameless_calls() {
    for (std::uint32_t i = 0; i < report_.waits.size(); ++i) {
      const WaitEdge& wait = report_.waits[i];
      if (wait.kind != WaitKind::port_receive || wait.port_name != 1U) continue;
      const WaitNode& node = builder_.graph().nodes[builder_.thread(wait.waiter).value];
      if (!node.thread || !node.process || report_.processes[node.process->value].id.value != 0 ||
          result_.of(*node.thread))
        continue;
      const Index<Thread> thread = *node.thread;
      const WaitLink* link = reported(thread);
      if (link == nullptr) continue;
      RpcCall call;
      call.thread = thread;
      set_reported_target(call, *link);
      if (call.dext && is_dext(call.dext->value)) result_.calls.push_back(std::move(call));
    }
  }

  void find_others(const ThreadWork& work) {
    if (names_a_thread(reported(work.thread))) return;
    if (work.doing == Doing::queue_hop) add_hop(work);
    if (work.doing == Doing::lock) add_lock(work);
    if (work.doing == Doing::command_gate) add_gate(work);
    if (work.doing == Doing::kernel_call) add_kernel_call(work);
  }

  void add_hop(const ThreadWork& work) {
    const Thread& thread = thread_at(work.thread);
    const Process& process = report_.processes[thread.process.value];
    std::map<std::string, std::vector<Index<Thread>>> queues;
    for (std::uint32_t i = process.threads.begin; i < process.threads.end; ++i) {
      const Thread& other = report_.threads[i];
      if (other.queue.empty() || other.queue == thread.queue) continue;
      if (builder_.activity({i}) != Activity::parked) queues[other.queue].push_back({i});
    }
    const std::string call = work.via.empty() ? "" : " of " + work.via;
    if (queues.empty() || queues.size() > kMostCandidates) {
      miss(work.thread, work.doing,
           "waits for a dispatch queue" + call + "; who serves it the report does not say",
           "waitInfo of that thread, or the labels of the dispatch queues");
      return;
    }
    Index<WaitNode> to = builder_.queue(thread.process, queues.begin()->first);
    std::string text = "waits for the dispatch queue" + call;
    if (queues.size() == 1) {
      text += ": " + queues.begin()->first + " is the only other one that is being served";
    } else {
      to = builder_.queue(thread.process,
                          "that thread " + std::to_string(thread.id.value) + " waits for");
      text += ", one of " + std::to_string(queues.size());
    }
    builder_.link(builder_.thread(thread.id), to, WaitSureness::weak, work.frame, std::move(text));
    for (const auto& [label, servers] : queues) {
      for (const Index<Thread> server : servers)
        add_once(to, builder_.thread(thread_at(server).id),
                 queues.size() == 1 ? WaitSureness::evident : WaitSureness::weak,
                 "serves queue " + label);
    }
  }

  void add_lock(const ThreadWork& work) {
    const Thread& thread = thread_at(work.thread);
    const std::string function = work.own.empty() ? work.via : work.own;
    if (function.empty()) {
      miss(work.thread, work.doing, "waits for a lock; its owner is not reported",
           "waitInfo of that thread, or symbols for the code above " + work.marker);
      return;
    }
    const Index<WaitNode> lock =
        builder_.named(WaitNodeKind::lock, "the lock taken in " + function, thread.process);
    builder_.link(builder_.thread(thread.id), lock, WaitSureness::evident, work.frame,
                  "is in " + work.marker + ", called by " + function);
    std::set<const ThreadWork*> others;
    std::string shared;
    for (const auto& name : work.classes) {
      for (const ThreadWork* other : of_class(thread.process.value, *name)) {
        if (other == &work || other->doing == Doing::lock) continue;
        others.insert(other);
        shared = *name;
      }
    }
    if (others.size() == 1) {
      const ThreadWork& holder = **others.begin();
      add_once(lock, builder_.thread(thread_at(holder.thread).id), WaitSureness::weak,
               "is the only other thread inside " + shared + " (" + holder.own + ")",
               holder.own_frame);
    } else {
      miss(work.thread, work.doing,
           "waits for the lock taken in " + function + "; who holds it " +
               (others.empty() ? "no frame tells" : "several threads may"),
           "waitInfo of that thread (the kernel reports the owner of most locks)");
    }
  }

  void add_gate(const ThreadWork& work) {
    const Thread& thread = thread_at(work.thread);
    const std::string function = work.own.empty() ? work.via : work.own;
    if (function.empty()) return;
    builder_.link(builder_.thread(thread.id),
                  builder_.named(WaitNodeKind::lock, "the gate of the work loop in " + function,
                                 thread.process),
                  WaitSureness::evident, work.frame, "is in " + work.marker, WaitStrength::object);
  }

  /// A driver extension that is inside a call into the kernel cannot execute what the kernel calls
  /// on the same queue.
  void add_kernel_call(const ThreadWork& work) {
    const Thread& thread = thread_at(work.thread);
    if (!is_dext(thread.process.value) || work.method.empty() || thread.kernel_stack.empty())
      return;
    const RpcCall* only = nullptr;
    for (const RpcCall& call : result_.calls) {
      if (call.dext != thread.process) continue;
      if (call.server && *call.server != work.thread) continue;
      if (only != nullptr) return;
      only = &call;
    }
    // The call that it is executing right now does not wait for anything but it.
    if (only == nullptr || only->purpose.empty() || only->purpose == work.method) return;
    builder_.link(builder_.thread(thread.id), builder_.thread(thread_at(only->thread).id),
                  WaitSureness::weak, work.frame,
                  "is in a call into the kernel" + (work.via.empty() ? "" : " (" + work.via + ")") +
                      "; meanwhile the kernel calls " + only->purpose +
                      " of the same driver extension");
  }

  void find_nameless_waits() {
    for (const Index<Process> dext : dexts_) {
      const Process& process = report_.processes[dext.value];
      for (std::uint32_t i = process.threads.begin; i < process.threads.end; ++i) {
        const Thread& thread = report_.threads[i];
        const ThreadWork* work = result_.of({i});
        if (thread.queue.empty() || !is_stuck({i}) || reported({i}) != nullptr) continue;
        if ((work != nullptr && work->doing != Doing::unknown) ||
            in_event_loop_.contains(thread.id.value))
          continue;
        const std::string where =
            work != nullptr && !work->own.empty() ? " in " + work->own : std::string();
        miss({i}, Doing::unknown, "waits" + where + "; for what is not reported",
             work != nullptr
                 ? "the source of that function: what it waits for, and who ends the wait"
                 : "symbols for " + process.name + " (its dSYM) and for the kernel");
      }
    }
  }

  void add_once(Index<WaitNode> from, Index<WaitNode> to, WaitSureness sureness, std::string text,
                std::optional<Index<Frame>> frame = std::nullopt) {
    if (linked_.insert({from.value, to.value}).second)
      builder_.link(from, to, sureness, frame, std::move(text));
  }

  WaitBuilder& builder_;
  const Report& report_;
  Inference& result_;
  std::unordered_map<std::uint64_t, std::uint32_t> reported_;
  std::vector<Index<Process>> dexts_;
  std::unordered_set<std::uint64_t> in_event_loop_;
  std::map<std::pair<std::uint32_t, std::string>, Threads> by_class_;
  std::map<std::string, Threads> by_method_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> linked_;
};

}  // namespace

const ThreadWork* Inference::of(Index<Thread> thread) const {
  const auto found = std::ranges::lower_bound(work, thread, {}, &ThreadWork::thread);
  return found != work.end() && found->thread == thread ? &*found : nullptr;
}

Inference add_inferred_links(WaitBuilder& builder) {
  Inference result;
  result.work = threads_at_work(builder.input());
  LinkFinder(builder, result).find();
  return result;
}

}  // namespace panicscan::analysis
