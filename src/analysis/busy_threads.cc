#include <algorithm>
#include <set>

#include "analysis/busy_registry.h"
#include "analysis/wait_publish.h"
#include "model/driver_extension.h"

// Joins the entries that keep the I/O registry busy with threads: those inside a method of that
// class, those that serve a dispatch queue named after it ("ExampleDriver-Default"), as the queues
// of driver extensions are, and with a registry dump those of the driver extension at the entry and
// the kernel's threads that call it.
// Source: DriverKit, IODispatchQueue of IOService::Start (label "<class>-Default").

namespace panicscan::analysis {
namespace {

constexpr std::size_t kMostThreads = 32;

constexpr FactField kFields[] = {
    {"name", ValueType::text, "name of the busy registry entry"},
    {"thread", ValueType::tid, "a thread that works for it"},
    {"process", ValueType::text, "the process of that thread"},
    {"dext", ValueType::boolean, "whether that process is a driver extension"},
    {"queue", ValueType::text, "the dispatch queue that it serves"},
    {"function", ValueType::text, "the function of that class that it is in"},
    {"method", ValueType::text, "the method that it executes, or calls: Start, Stop…"},
    {"waits_for", ValueType::text, "whom it waits for, when that is known"},
    {"entry_class", ValueType::text, "the entry's class in the kernel, by the registry dump"},
    {"entry_id", ValueType::hex, "its id there"},
    {"path", ValueType::text, "its providers there, up to the entry itself"},
    {"server", ValueType::text, "IOUserServerName of the driver extension at it or below it"},
    {"state", ValueType::text, "its state there: registered, matched, active, busy count"},
};

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

/// Why a thread works for an entry.
struct Link {
  std::string says;  ///< behind the thread: "is inside ExampleDriver"
  std::string method;
  bool is_inferred = false;
};

/// The calls of the kernel, by their thread.
const RpcCall* call_of(const Inference& inference, Index<Thread> thread) {
  const auto found = std::ranges::find(inference.calls, thread, &RpcCall::thread);
  return found == inference.calls.end() ? nullptr : &*found;
}

std::optional<Link> link_between(const BusyEntry& entry, const WaitBuilder& builder,
                                 const Inference& inference, Index<Thread> index) {
  const Thread& thread = builder.report().threads[index.value];
  const ThreadWork* work = inference.of(index);
  std::string method = work != nullptr ? work->method : std::string();
  if (work != nullptr) {
    const auto in = std::ranges::find_first_of(work->classes, entry.classes);
    if (in != work->classes.end()) {
      if (method.empty()) method = method_in(work->own, entry.classes);
      return Link{"is inside " + *in, method, false};
    }
  }
  const std::string served = class_of_queue(thread.queue);
  if (!served.empty() && std::ranges::find(entry.classes, served) != entry.classes.end())
    return Link{"serves queue " + thread.queue, method, true};
  const RpcCall* call = call_of(inference, index);
  if (call != nullptr && call->dext && !call->purpose.empty() &&
      entry.is_served_by(builder.report().processes[call->dext->value]))
    return Link{"calls " + call->purpose + " of " + entry.server, call->purpose, true};
  if (!method.empty() && entry.is_served_by(builder.process_of(thread)))
    return Link{"executes " + method + " in " + entry.server, method, true};
  return std::nullopt;
}

void set_text(Fact& fact, std::string_view field, const std::string& text) {
  if (!text.empty()) fact.set(field, Value::text(text));
}

}  // namespace

constinit const FactSchema kBusyThreadSchema{
    "iokit.busy_thread", "A thread that works for an entry that keeps the I/O registry busy.",
    kFields};

void publish_busy_threads(const WaitBuilder& builder, const Inference& inference,
                          const WaitGraph& graph, Facts& facts) {
  const std::vector<BusyEntry> entries = busy_entries(builder.input(), facts);
  if (entries.empty()) return;

  const Report& report = builder.report();
  const WaitTargets targets(report, graph);
  std::vector<Fact> found;
  std::set<std::string> shown;  // what the registry says of an entry is said once
  for (std::uint32_t i = 0; i < report.threads.size() && found.size() < kMostThreads; ++i) {
    if (builder.activity({i}) == Activity::parked) continue;
    for (const BusyEntry& entry : entries) {
      const auto link = link_between(entry, builder, inference, {i});
      if (!link) continue;
      const Thread& thread = report.threads[i];
      const Process& process = report.processes[thread.process.value];
      const ThreadWork* work = inference.of({i});
      Fact fact(kBusyThreadSchema);
      if (link->is_inferred) fact.origin = Origin::inferred;
      fact.set("name", Value::text(entry.name));
      fact.set("thread", Value::of(ValueType::tid, thread.id.value));
      fact.set("process", Value::text(process.name));
      fact.set("dext", Value::boolean(is_driver_extension(process)));
      set_text(fact, "queue", thread.queue);
      if (work != nullptr) set_text(fact, "function", work->own);
      set_text(fact, "method", link->method);
      const std::string waits_for = targets.words_for(thread.id);
      set_text(fact, "waits_for", waits_for);
      set_text(fact, "entry_class", entry.entry_class);
      if (entry.id) fact.set("entry_id", Value::hex(*entry.id));
      set_text(fact, "path", entry.path);
      set_text(fact, "server", entry.server);
      set_text(fact, "state", entry.state);
      const std::string who = "thread " + std::to_string(thread.id.value) + " of " + process.name;
      std::string says = who + " " + link->says;
      if (!waits_for.empty()) says += " and waits for " + waits_for;
      fact.decoded.push_back({entry.name, who, says});
      if (!entry.path.empty() && shown.insert(entry.name).second)
        fact.decoded.push_back({entry.name + " in the registry", entry.path, entry.words()});
      fact.because.push_back({std::move(says), thread.where,
                              work != nullptr ? work->own_frame : std::nullopt, thread.id});
      found.push_back(std::move(fact));
      break;
    }
  }
  for (Fact& fact : found) facts.all.push_back(std::move(fact));
}

}  // namespace panicscan::analysis
