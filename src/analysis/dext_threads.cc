#include <algorithm>

#include "analysis/wait_publish.h"
#include "model/driver_extension.h"
#include "model/names.h"
#include "model/vendor.h"

// What the threads of driver extensions are doing, which kernel threads wait for their answer, and
// which waits nobody can follow.

namespace panicscan::analysis {
namespace {

constexpr std::size_t kMostThreads = 64, kMostCalls = 32, kMostProcesses = 32;

constexpr FactField kThreadFields[] = {
    {"process", ValueType::text, "name of the driver extension"},
    {"vendor", ValueType::text, "apple or third_party"},
    {"thread", ValueType::tid, "the thread"},
    {"queue", ValueType::text, "label of the dispatch queue that it serves"},
    {"doing", ValueType::text,
     "lock (waits for one), queue-hop (waits for another queue), kernel-call, wait (for something "
     "else), running, suspended or exiting"},
    {"method", ValueType::text, "the method that it executes: \"Stop\" of X::Stop_Impl"},
    {"function", ValueType::text, "its innermost function that is not the system's"},
    {"via", ValueType::text, "the call that it waits in: IOTimerDispatchSource::WakeAtTime"},
    {"waits_for", ValueType::text, "whom it waits for, when that is known"},
    {"called", ValueType::boolean, "whether a kernel thread waits for this driver extension"},
};
constexpr FactField kCallFields[] = {
    {"thread", ValueType::tid, "the kernel thread that waits for the answer"},
    {"purpose", ValueType::text, "the method called: Start, Stop, SetPowerState…"},
    {"dext", ValueType::text, "the driver extension that must answer"},
    {"dext_vendor", ValueType::text, "apple or third_party"},
    {"server", ValueType::tid, "the thread of it that executes the call"},
    {"queue", ValueType::text, "the dispatch queue that this thread serves"},
    {"server_function", ValueType::text, "the innermost function of it that is not the system's"},
    {"server_method", ValueType::text, "the method that this thread executes"},
    {"executes", ValueType::boolean,
     "whether that thread is inside the method that was called: if not, the call waits for its "
     "queue"},
    {"terminating", ValueType::boolean, "whether it is the one thread that terminates services"},
    {"sureness", ValueType::text, "that it is this driver extension: reported, evident or weak"},
};
constexpr FactField kProcessFields[] = {
    {"bundle", ValueType::text, "name of the process, which is the driver extension's bundle id"},
    {"vendor", ValueType::text, "apple or third_party"},
    {"pid", ValueType::pid, "process id"},
    {"threads", ValueType::number, "its threads"},
    {"idle", ValueType::boolean, "whether none of them is known to do anything"},
};
constexpr FactField kLaunchFields[] = {
    {"thread", ValueType::tid, "the kernel thread that waits"},
    {"via", ValueType::text, "the function that waits"},
};
constexpr FactField kMissingFields[] = {
    {"thread", ValueType::tid, "the thread whose wait cannot be followed"},
    {"process", ValueType::text, "its process"},
    {"doing", ValueType::text, "what its stack shows: rpc, queue-hop, lock… or unknown"},
    {"settles", ValueType::text, "what would tell whom it waits for"},
};

std::string_view vendor_word(const Process& process) {
  return is_apple(process.name) ? "apple" : "third_party";
}

void set_text(Fact& fact, std::string_view field, std::string text) {
  if (!text.empty()) fact.set(field, Value::text(std::move(text)));
}

std::string thread_words(const Report& report, const Thread& thread) {
  std::string text = "thread " + std::to_string(thread.id.value) + " of " +
                     report.processes[thread.process.value].name;
  if (!thread.queue.empty()) text += " (queue " + thread.queue + ")";
  return text;
}

/// What a thread does, from its stack, else from what the kernel says it waits for.
std::string_view doing_word(Activity activity, const ThreadWork* work, const WaitLink* link) {
  if (activity == Activity::running) return "running";
  if (activity == Activity::suspended) return "suspended";
  if (activity == Activity::exiting) return "exiting";
  if (work != nullptr && work->doing != Doing::unknown) return to_string(work->doing);
  if (link == nullptr) return "wait";
  switch (link->kind) {
    case WaitKind::user_lock:
    case WaitKind::pthread_mutex:
    case WaitKind::pthread_rwlock_read:
    case WaitKind::pthread_rwlock_write:
      return "lock";
    case WaitKind::workloop:
      return "queue-hop";
    default:
      return "wait";
  }
}

void publish_processes(const WaitBuilder& builder, Facts& facts) {
  const Report& report = builder.report();
  std::size_t published = 0;
  for (const Process& process : report.processes) {
    if (!is_driver_extension(process) || is_apple(process.name)) continue;
    if (published++ == kMostProcesses) return;
    bool is_idle = true;
    for (std::uint32_t i = process.threads.begin; i < process.threads.end; ++i)
      is_idle = is_idle && report.threads[i].queue.empty();
    Fact fact(kDextProcessSchema);
    fact.set("bundle", Value::text(process.name));
    fact.set("vendor", Value::text("third_party"));
    if (process.id.value >= 0)
      fact.set("pid", Value::of(ValueType::pid, static_cast<std::uint64_t>(process.id.value)));
    fact.set("threads", Value::number(process.threads.size()));
    fact.set("idle", Value::boolean(is_idle));
    fact.because.push_back({"the stackshot has the process of the driver extension " + process.name,
                            process.where,
                            {},
                            {}});
    facts.all.push_back(std::move(fact));
  }
}

void publish_threads(const WaitBuilder& builder, const Inference& inference,
                     const WaitTargets& targets, Facts& facts) {
  const Report& report = builder.report();
  std::size_t published = 0;
  for (const Process& process : report.processes) {
    if (!is_driver_extension(process)) continue;
    const auto index =
        Index<Process>{static_cast<std::uint32_t>(&process - report.processes.data())};
    const bool is_called = std::ranges::any_of(
        inference.calls, [&](const RpcCall& call) { return call.dext == index; });
    for (std::uint32_t i = process.threads.begin; i < process.threads.end; ++i) {
      const Thread& thread = report.threads[i];
      const ThreadWork* work = inference.of({i});
      const WaitLink* link = targets.link_of(thread.id);
      const bool is_at_work = !thread.queue.empty() || link != nullptr ||
                              (work != nullptr && work->doing != Doing::unknown);
      if (!is_at_work || builder.activity({i}) == Activity::parked) continue;
      if (published++ == kMostThreads) return;
      Fact fact(kDextThreadSchema);
      fact.set("process", Value::text(process.name));
      fact.set("vendor", Value::text(std::string(vendor_word(process))));
      fact.set("thread", Value::of(ValueType::tid, thread.id.value));
      set_text(fact, "queue", thread.queue);
      const std::string doing(doing_word(builder.activity({i}), work, link));
      fact.set("doing", Value::text(doing));
      fact.set("called", Value::boolean(is_called));
      const std::string waits_for = targets.words_for(thread.id);
      std::string says = thread_words(report, thread) + ": " + doing;
      if (work != nullptr) {
        set_text(fact, "method", work->method);
        set_text(fact, "function", work->own);
        set_text(fact, "via", work->via);
        if (!work->own.empty()) says += " in " + work->own;
      }
      set_text(fact, "waits_for", waits_for);
      if (!waits_for.empty()) says += ", waits for " + waits_for;
      fact.because.push_back(
          {std::move(says), thread.where, work != nullptr ? work->frame : std::nullopt, thread.id});
      facts.all.push_back(std::move(fact));
    }
  }
}

void publish_calls(const WaitBuilder& builder, const Inference& inference, Facts& facts) {
  const Report& report = builder.report();
  for (std::size_t i = 0; i < std::min(inference.calls.size(), kMostCalls); ++i) {
    const RpcCall& call = inference.calls[i];
    const Thread& thread = report.threads[call.thread.value];
    Fact fact(kDextCallSchema);
    if (call.sureness != WaitSureness::reported) fact.origin = Origin::inferred;
    fact.set("thread", Value::of(ValueType::tid, thread.id.value));
    set_text(fact, "purpose", call.purpose);
    std::string says = "kernel thread " + std::to_string(thread.id.value) + " waits for " +
                       (call.purpose.empty() ? "the answer" : call.purpose) + " of ";
    if (call.dext) {
      const Process& process = report.processes[call.dext->value];
      fact.set("dext", Value::text(process.name));
      fact.set("dext_vendor", Value::text(std::string(vendor_word(process))));
      fact.set("sureness", Value::text(std::string(panicscan::to_string(call.sureness))));
      says += process.name + " (" + call.text + ")";
    } else {
      says += "a driver extension that the report does not name";
    }
    if (call.server) {
      const Thread& server = report.threads[call.server->value];
      fact.set("server", Value::of(ValueType::tid, server.id.value));
      set_text(fact, "queue", server.queue);
      if (const ThreadWork* work = inference.of(*call.server)) {
        set_text(fact, "server_function", work->own);
        set_text(fact, "server_method", work->method);
        if (!work->method.empty() && !call.purpose.empty())
          fact.set("executes", Value::boolean(work->method == call.purpose));
      }
    }
    fact.set("terminating", Value::boolean(call.is_terminating));
    const SourceRef where = call.wait ? report.waits[call.wait->value].where : thread.where;
    fact.because.push_back({std::move(says), where, call.frame, thread.id});
    facts.all.push_back(std::move(fact));
  }
}

void publish_launches(const WaitBuilder& builder, const Inference& inference, Facts& facts) {
  for (const ThreadWork& work : inference.work) {
    if (work.doing != Doing::server_launch) continue;
    const Thread& thread = builder.report().threads[work.thread.value];
    Fact fact(kDextLaunchSchema);
    fact.origin = Origin::inferred;
    fact.set("thread", Value::of(ValueType::tid, thread.id.value));
    set_text(fact, "via", work.via);
    fact.because.push_back({"thread " + std::to_string(thread.id.value) + " is in " + work.marker +
                                ": a driver extension was started and has not checked in",
                            thread.where, work.frame, thread.id});
    facts.all.push_back(std::move(fact));
  }
}

void publish_missing(const WaitBuilder& builder, const Inference& inference, Facts& facts) {
  const Report& report = builder.report();
  for (const MissingLink& missing : inference.missing) {
    const Thread& thread = report.threads[missing.thread.value];
    Fact fact(kMissingSchema);
    fact.set("thread", Value::of(ValueType::tid, thread.id.value));
    set_text(fact, "process", report.processes[thread.process.value].name);
    fact.set("doing", Value::text(std::string(to_string(missing.doing))));
    fact.set("settles", Value::text(missing.settles));
    fact.because.push_back(
        {thread_words(report, thread) + " " + missing.says, thread.where, {}, thread.id});
    facts.all.push_back(std::move(fact));
  }
}

}  // namespace

constinit const FactSchema kDextThreadSchema{
    "dext.thread", "A thread of a driver extension that is not idle.", kThreadFields};
constinit const FactSchema kDextProcessSchema{
    "dext.process", "The process of a driver extension that is not Apple's.", kProcessFields};
constinit const FactSchema kDextCallSchema{
    "dext.call", "A kernel thread that called a driver extension and waits for the answer.",
    kCallFields};
constinit const FactSchema kDextLaunchSchema{
    "dext.launch", "A kernel thread that waits for a driver extension to check in.", kLaunchFields};
constinit const FactSchema kMissingSchema{
    "wait.missing", "A wait of which the report does not say whom it is for.", kMissingFields};

WaitTargets::WaitTargets(const Report& report, const WaitGraph& graph)
    : report_(report), graph_(graph) {
  // A thread is a better answer than a process, and both than an object.
  const auto rank = [&](const WaitLink& link) {
    if (link.strength != WaitStrength::blocks) return 3;
    const WaitNodeKind kind = graph.nodes[link.to.value].kind;
    if (kind == WaitNodeKind::thread) return link.kind == WaitKind::turnstile ? 1 : 0;
    return 2;
  };
  for (std::uint32_t i = 0; i < graph.links.size(); ++i) {
    const WaitLink& link = graph.links[i];
    const WaitNode& from = graph.nodes[link.from.value];
    if (from.kind != WaitNodeKind::thread) continue;
    const auto [at, is_new] = first_.try_emplace(from.id, i);
    if (!is_new && rank(link) < rank(graph.links[at->second])) at->second = i;
  }
}

const WaitLink* WaitTargets::link_of(ThreadId thread) const {
  const auto found = first_.find(thread.value);
  return found == first_.end() ? nullptr : &graph_.links[found->second];
}

std::string WaitTargets::words_for(ThreadId thread) const {
  const WaitLink* link = link_of(thread);
  return link == nullptr ? std::string() : words(report_, graph_.nodes[link->to.value]);
}

void publish_dext_threads(const WaitBuilder& builder, const Inference& inference,
                          const WaitGraph& graph, Facts& facts) {
  const WaitTargets targets(builder.report(), graph);
  publish_processes(builder, facts);
  publish_threads(builder, inference, targets, facts);
  publish_calls(builder, inference, facts);
  publish_launches(builder, inference, facts);
  publish_missing(builder, inference, facts);
}

}  // namespace panicscan::analysis
