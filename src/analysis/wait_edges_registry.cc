#include <algorithm>
#include <unordered_map>

#include "analysis/wait_inference.h"

// Entries that keep the I/O registry busy, and the threads that work for them: those inside a
// method of that class, those that serve a dispatch queue named after it ("ExampleDriver-Default"),
// as the queues of driver extensions are, and with a registry dump those of the driver extension at
// the entry and the kernel's threads that call it. An entry stays busy until they come back; a
// thread in IOService::waitQuiet waits for the entries. Source: DriverKit, IODispatchQueue of
// IOService::Start (label "<class>-Default"); xnu iokit/Kernel/IOService.cpp, adjustBusy() and
// waitQuiet().

namespace panicscan::analysis {
namespace {

constexpr std::size_t kMostThreads = 32;

std::string class_of_queue(const std::string& label) {
  return label.substr(0, std::min(label.find('-'), label.size()));
}

/// The method of a class that a function is: "start" of "ExampleDriver::start".
std::string method_in(const std::string& function, const std::vector<std::string>& classes) {
  const std::size_t colons = function.rfind("::");
  if (colons == std::string::npos) return {};
  const bool is_of_class = std::ranges::find(classes, function.substr(0, colons)) != classes.end();
  return is_of_class ? function.substr(colons + 2) : std::string();
}

/// The kernel's calls of driver extensions, by their thread.
using Calls = std::unordered_map<std::uint32_t, const RpcCall*>;

std::optional<BusyWork> work_for(const BusyEntry& entry, const WaitBuilder& builder,
                                 const Inference& inference, const Calls& calls,
                                 Index<Thread> index) {
  const Thread& thread = builder.report().threads[index.value];
  const ThreadWork* work = inference.of(index);
  std::string method = work != nullptr ? work->method : std::string();
  if (work != nullptr) {
    const auto in =
        std::ranges::find_first_of(work->classes, entry.classes, {},
                                   [](const auto& name) -> const std::string& { return *name; });
    if (in != work->classes.end()) {
      if (method.empty()) method = method_in(work->own, entry.classes);
      return BusyWork{0, index, "is inside " + **in, method, WaitSureness::reported};
    }
  }
  const std::string served = class_of_queue(thread.queue);
  if (!served.empty() && std::ranges::find(entry.classes, served) != entry.classes.end())
    return BusyWork{0, index, "serves queue " + thread.queue, method, WaitSureness::weak};
  const auto at = calls.find(index.value);
  const RpcCall* call = at == calls.end() ? nullptr : at->second;
  if (call != nullptr && call->dext && !call->purpose.empty() &&
      entry.is_served_by(builder.report().processes[call->dext->value]))
    return BusyWork{0, index, "calls " + call->purpose + " of " + entry.server, call->purpose,
                    WaitSureness::evident};
  if (!method.empty() && entry.is_served_by(builder.process_of(thread)))
    return BusyWork{0, index, "executes " + method + " in " + entry.server, method,
                    WaitSureness::evident};
  return std::nullopt;
}

}  // namespace

BusyRegistry add_registry_links(WaitBuilder& builder, const Inference& inference,
                                const Facts& facts) {
  BusyRegistry busy{busy_entries(builder.input(), facts), {}};
  if (busy.entries.empty()) return busy;
  Calls calls;
  for (const RpcCall& call : inference.calls) calls.emplace(call.thread.value, &call);
  const Report& report = builder.report();
  for (std::uint32_t i = 0; i < report.threads.size() && busy.work.size() < kMostThreads; ++i) {
    if (builder.activity({i}) == Activity::parked) continue;
    for (std::size_t entry = 0; entry < busy.entries.size(); ++entry) {
      auto work = work_for(busy.entries[entry], builder, inference, calls, {i});
      if (!work) continue;
      work->entry = entry;
      const ThreadWork* stack = inference.of({i});
      builder.link(builder.named(WaitNodeKind::entry, busy.entries[entry].name),
                   builder.thread(report.threads[i].id),
                   std::max(work->sureness, WaitSureness::evident),
                   stack != nullptr ? stack->own_frame : std::nullopt,
                   "is busy until the thread that " + work->says + " comes back");
      busy.work.push_back(*std::move(work));
      break;
    }
  }
  std::size_t waiting = 0;
  for (const ThreadWork& work : inference.work) {
    // Who works for a busy entry waits for something below it.
    const bool is_worker =
        std::ranges::find(busy.work, work.thread, &BusyWork::thread) != busy.work.end();
    if (work.doing != Doing::registry || is_worker || waiting++ >= kMostThreads) continue;
    for (const BusyEntry& entry : busy.entries)
      builder.link(
          builder.thread(report.threads[work.thread.value].id),
          builder.named(WaitNodeKind::entry, entry.name), WaitSureness::weak, work.frame,
          "is in " + work.marker + ", until the I/O registry is quiet, and this entry is busy");
  }
  return busy;
}

}  // namespace panicscan::analysis
