#include <set>

#include "analysis/wait_publish.h"
#include "model/driver_extension.h"

// Which threads work for the entries that keep the I/O registry busy (wait_edges_registry.cc finds
// them), and what a registry dump says of these entries.

namespace panicscan::analysis {
namespace {

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

void set_text(Fact& fact, std::string_view field, const std::string& text) {
  if (!text.empty()) fact.set(field, Value::text(text));
}

}  // namespace

constinit const FactSchema kBusyThreadSchema{
    "iokit.busy_thread", "A thread that works for an entry that keeps the I/O registry busy.",
    kFields};

void publish_busy_threads(const WaitBuilder& builder, const Inference& inference,
                          const BusyRegistry& busy, const WaitGraph& graph, Facts& facts) {
  const Report& report = builder.report();
  const WaitTargets targets(report, graph);
  std::set<std::size_t> shown;  // what the registry says of an entry is said once
  for (const BusyWork& each : busy.work) {
    const BusyEntry& entry = busy.entries[each.entry];
    const Thread& thread = report.threads[each.thread.value];
    const Process& process = report.processes[thread.process.value];
    const ThreadWork* work = inference.of(each.thread);
    Fact fact(kBusyThreadSchema);
    if (each.sureness != WaitSureness::reported) fact.origin = Origin::inferred;
    fact.set("name", Value::text(entry.name));
    fact.set("thread", Value::of(ValueType::tid, thread.id.value));
    fact.set("process", Value::text(process.name));
    fact.set("dext", Value::boolean(is_driver_extension(process)));
    set_text(fact, "queue", thread.queue);
    if (work != nullptr) set_text(fact, "function", work->own);
    set_text(fact, "method", each.method);
    const std::string waits_for = targets.words_for(thread.id);
    set_text(fact, "waits_for", waits_for);
    set_text(fact, "entry_class", entry.entry_class);
    if (entry.id) fact.set("entry_id", Value::hex(*entry.id));
    set_text(fact, "path", entry.path);
    set_text(fact, "server", entry.server);
    set_text(fact, "state", entry.state);
    const std::string who = "thread " + std::to_string(thread.id.value) + " of " + process.name;
    std::string says = who + " " + each.says;
    if (!waits_for.empty()) says += " and waits for " + waits_for;
    fact.decoded.push_back({entry.name, who, says});
    if (!entry.path.empty() && shown.insert(each.entry).second)
      fact.decoded.push_back({entry.name + " in the registry", entry.path, entry.words()});
    fact.because.push_back({std::move(says), thread.where,
                            work != nullptr ? work->own_frame : std::nullopt, thread.id});
    facts.all.push_back(std::move(fact));
  }
}

}  // namespace panicscan::analysis
