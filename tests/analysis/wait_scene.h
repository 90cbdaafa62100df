#pragma once

// Reports made thread by thread, for tests of the wait-for graph.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "analysis/facts_of.h"

namespace panicscan {

using Names = std::vector<std::string>;

/// A report made thread by thread.
class Scene {
 public:
  Scene& process(std::int64_t pid, std::string name) {
    Process process;
    process.id = {pid};
    process.name = std::move(name);
    builder_.begin_process(process);
    return *this;
  }
  Scene& thread(std::uint64_t id, Names kernel, Names user, std::string queue = {},
                std::string state = "TH_WAIT") {
    Thread thread;
    thread.id = {id};
    thread.queue = std::move(queue);
    thread.state = {std::move(state)};
    thread.kernel_stack = frames(kernel);
    thread.user_stack = frames(user);
    builder_.add_thread(std::move(thread));
    return *this;
  }
  Scene& wait(std::uint64_t waiter, Owner owner, WaitKind kind = WaitKind::turnstile) {
    WaitEdge wait;
    wait.waiter = {waiter};
    wait.kind = kind;
    wait.owner = owner;
    if (kind != WaitKind::turnstile) wait.object = ObjectId{0x1000 + waiter};
    if (kind == WaitKind::port_receive) wait.port_name = 1;
    wait.phrase = "generated";
    builder_.add_wait(std::move(wait));
    return *this;
  }
  /// The same, on an object of that name.
  Scene& wait_on(std::uint64_t waiter, std::uint64_t object, Owner owner, WaitKind kind) {
    WaitEdge wait;
    wait.waiter = {waiter};
    wait.kind = kind;
    wait.owner = owner;
    wait.object = ObjectId{object};
    wait.phrase = "generated";
    builder_.add_wait(std::move(wait));
    return *this;
  }
  Facts facts() { return facts_of(std::move(builder_).build()); }
  /// The same, when the methods on user stacks lie in an image, which may be the user's own.
  Facts facts_in(const std::string& image, const Ownership& owners) {
    const Report report = std::move(builder_).build();
    std::vector<Placement> placements = place_frames(report);
    for (const Thread& thread : report.threads)
      for (std::uint32_t i = thread.user_stack.begin; i < thread.user_stack.end; ++i)
        if (report.frames[i].reported_symbol.find("::") != std::string::npos)
          placements[i].image = image;
    return analysis::analyze(report, placements, symbols_in_report(report), {}, owners);
  }

 private:
  IndexRange<Frame> frames(const Names& names) { return add_named_frames(builder_, names, next_); }

  ReportBuilder builder_;
  std::uint64_t next_ = 0;
};

/// The kernel stack of a thread that called a method of a driver extension.
inline Names rpc_of(const std::string& method) {
  return {"thread_block",
          "ipc_mqueue_receive",
          "kernel_mach_msg_rpc",
          "IOUserServer::rpc(IORPC)",
          "OSMetaClassBase::Invoke(IORPC)",
          "IOService::" + method + "(IOService*)",
          "IOService::terminateThread(void*, int)"};
}
/// A user stack that waits for the queue of a timer, in functions of its own.
inline Names hop_in(Names own) {
  Names names{"__ulock_wait",
              "_dlock_wait",
              "__DISPATCH_WAIT_FOR_QUEUE__",
              "_dispatch_sync_f_slow",
              "IODispatchQueue::DispatchSync_f",
              "OSMetaClassBase::Invoke(IORPC)",
              "IOTimerDispatchSource::WakeAtTime"};
  names.insert(names.end(), own.begin(), own.end());
  return names;
}
/// A user stack that waits for a lock, in functions of its own.
inline Names lock_in(Names own) {
  Names names{"__psynch_mutexwait", "_pthread_mutex_firstfit_lock_slow", "IOLockLock"};
  names.insert(names.end(), own.begin(), own.end());
  return names;
}

}  // namespace panicscan
