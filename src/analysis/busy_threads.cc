#include <algorithm>
#include <set>

#include "analysis/wait_publish.h"
#include "model/driver_extension.h"

// Joins the entries that keep the I/O registry busy with threads: those inside a method of that
// class, and those that serve a dispatch queue named after it ("ExampleDriver-Default"), as the
// queues of driver extensions are.
// Source: DriverKit, IODispatchQueue of IOService::Start (label "<class>-Default").

namespace panicscan::analysis {
namespace {

constexpr std::size_t kMostEntries = 64, kMostThreads = 32;

constexpr FactField kFields[] = {
    {"name", ValueType::text, "name of the busy registry entry"},
    {"thread", ValueType::tid, "a thread that works for it"},
    {"process", ValueType::text, "the process of that thread"},
    {"dext", ValueType::boolean, "whether that process is a driver extension"},
    {"queue", ValueType::text, "the dispatch queue that it serves"},
    {"function", ValueType::text, "the function of that class that it is in"},
    {"method", ValueType::text, "the method that it executes: Start, Stop…"},
    {"waits_for", ValueType::text, "whom it waits for, when that is known"},
};

std::string class_of_queue(const std::string& label) {
  return label.substr(0, std::min(label.find('-'), label.size()));
}

}  // namespace

constinit const FactSchema kBusyThreadSchema{
    "iokit.busy_thread", "A thread that works for an entry that keeps the I/O registry busy.",
    kFields};

void publish_busy_threads(const WaitBuilder& builder, const Inference& inference,
                          const WaitGraph& graph, Facts& facts) {
  std::vector<std::string> names;
  for (const Fact& fact : facts.all) {
    if (fact.schema->name != "iokit.busy_entry") continue;
    const std::string name = format(*fact.find("name"));
    if (names.size() < kMostEntries && std::ranges::find(names, name) == names.end())
      names.push_back(name);
  }
  if (names.empty()) return;

  const Report& report = builder.report();
  const WaitTargets targets(report, graph);
  std::vector<Fact> found;
  for (std::uint32_t i = 0; i < report.threads.size() && found.size() < kMostThreads; ++i) {
    const Thread& thread = report.threads[i];
    const Process& process = report.processes[thread.process.value];
    const ThreadWork* work = inference.of({i});
    if (builder.activity({i}) == Activity::parked) continue;
    const std::string served = class_of_queue(thread.queue);
    for (const std::string& name : names) {
      const bool in_class =
          work != nullptr && std::ranges::find(work->classes, name) != work->classes.end();
      const bool on_queue = !served.empty() && served == name;
      if (!in_class && !on_queue) continue;
      Fact fact(kBusyThreadSchema);
      if (!in_class) fact.origin = Origin::inferred;
      fact.set("name", Value::text(name));
      fact.set("thread", Value::of(ValueType::tid, thread.id.value));
      fact.set("process", Value::text(process.name));
      fact.set("dext", Value::boolean(is_driver_extension(process)));
      if (!thread.queue.empty()) fact.set("queue", Value::text(thread.queue));
      if (work != nullptr && !work->own.empty()) fact.set("function", Value::text(work->own));
      if (work != nullptr && !work->method.empty()) fact.set("method", Value::text(work->method));
      const std::string waits_for = targets.words_for(thread.id);
      if (!waits_for.empty()) fact.set("waits_for", Value::text(waits_for));
      const std::string who = "thread " + std::to_string(thread.id.value) + " of " + process.name;
      std::string says =
          in_class ? who + " is inside " + name : who + " serves queue " + thread.queue;
      if (!waits_for.empty()) says += " and waits for " + waits_for;
      fact.decoded.push_back({name, who, says});
      fact.because.push_back({std::move(says), thread.where,
                              work != nullptr ? work->own_frame : std::nullopt, thread.id});
      found.push_back(std::move(fact));
      break;
    }
  }
  for (Fact& fact : found) facts.all.push_back(std::move(fact));
}

}  // namespace panicscan::analysis
