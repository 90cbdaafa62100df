#include "analysis/analysis.h"

#include <algorithm>
#include <array>

#include "analysis/message.h"

// "Panicked task 0x…: 42 pages, 7 threads: pid 501: watchdogd" names the thread on which panic()
// ran. For a watchdog or a power timeout that thread only delivers the news, and the cause is
// elsewhere; the fact says so.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"process", ValueType::text, "name of the panicked task"},
    {"pid", ValueType::pid, "its process id"},
    {"tid", ValueType::tid, "the id of the panicked thread"},
    {"messenger", ValueType::boolean,
     "whether that task only delivers the news, as watchdogd does for a hung service"},
    {"in_stackshot", ValueType::boolean,
     "whether the thread was found in the stackshot of the same report"},
    {"state", ValueType::list, "state words of the thread in the stackshot"},
};
constexpr FactSchema kSchema{"panic.panicked",
                             "The process and the thread on which panic() was called.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// Why the panicked task of such a panic is only a messenger.
struct Messenger {
  std::string_view panic_class, why;
};
constexpr std::array kMessengers{
    Messenger{"setpowerstate-timeout",
              "the timer of the power management runs there, not the driver"},
    Messenger{"registry-busy", "it waited for the I/O registry and asked for the panic"},
    Messenger{"sleep-wake", "the watchdog of the power management runs there"},
    Messenger{"watchdog", "the driver of the hardware watchdog runs there"},
    Messenger{"userspace-watchdog", "watchdogd asked for the panic because another service hung"},
    Messenger{"dart-fault", "the interrupt of the DART was handled there"},
    Messenger{"pcie", "the interrupt of the port was handled there"},
    Messenger{"forced-reset", "the interrupt of the button or the watchdog was handled there"},
    Messenger{"coprocessor", "the coprocessor's message was handled there"},
};

const Messenger* messenger_row(const Facts& facts) {
  const Fact* fact = facts.find("panic.class");
  const Value* name = fact != nullptr ? fact->find("class") : nullptr;
  if (name == nullptr) return nullptr;
  const auto found = std::ranges::find(kMessengers, format(*name), &Messenger::panic_class);
  return found == kMessengers.end() ? nullptr : &*found;
}

std::optional<Index<Thread>> find_thread(const Report& report, ThreadId id) {
  const auto found = std::ranges::find(report.threads, id, &Thread::id);
  if (found == report.threads.end()) return std::nullopt;
  return Index<Thread>{static_cast<std::uint32_t>(found - report.threads.begin())};
}

std::string joined(const std::vector<std::string>& words) { return format(Value::list(words)); }

void add_stackshot(const Report& report, const Thread& thread, Fact& fact) {
  fact.set("state", Value::list(thread.state));
  if (!thread.name.empty()) fact.decoded.push_back({"thread name", thread.name, ""});
  if (!thread.queue.empty()) fact.decoded.push_back({"dispatch queue", thread.queue, ""});
  if (!thread.state.empty())
    fact.decoded.push_back({"state", joined(thread.state), "in the stackshot of this report"});
  if (thread.process.value >= report.processes.size()) return;
  const Process& process = report.processes[thread.process.value];
  if (fact.find("process") == nullptr && !process.name.empty())
    fact.set("process", Value::text(process.name));
  if (fact.find("pid") == nullptr && process.id.value >= 0)
    fact.set("pid", Value::of(ValueType::pid, static_cast<std::uint64_t>(process.id.value)));
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  const Report& report = input.report;
  const Panic& panic = *report.panic;
  if (!panic.process_name && !panic.process && !panic.thread) return;

  Fact fact(kSchema);
  if (panic.process_name) {
    fact.set("process", Value::text(panic.process_name->value));
    fact.because.push_back({"the panicked task is " + panic.process_name->value,
                            panic.process_name->where,
                            {},
                            panic.thread ? std::optional(panic.thread->value) : std::nullopt});
  }
  if (panic.process && panic.process->value.value >= 0)
    fact.set("pid",
             Value::of(ValueType::pid, static_cast<std::uint64_t>(panic.process->value.value)));

  bool in_stackshot = false;
  if (panic.thread) {
    const ThreadId id = panic.thread->value;
    fact.set("tid", Value::of(ValueType::tid, id.value));
    if (const auto thread = find_thread(report, id)) {
      in_stackshot = true;
      facts.panicked_thread = thread;
      const Thread& found = report.threads[thread->value];
      add_stackshot(report, found, fact);
      fact.because.push_back({"the stackshot has that thread", found.where, {}, id});
    } else {
      fact.because.push_back(
          {"the panicked thread is " + std::to_string(id.value), panic.thread->where, {}, id});
    }
  }
  fact.set("in_stackshot", Value::boolean(in_stackshot));

  const Messenger* messenger = messenger_row(facts);
  const bool is_initproc = panic.message.value.find("initproc exited") != std::string::npos;
  fact.set("messenger", Value::boolean(messenger != nullptr || is_initproc));
  if (messenger != nullptr)
    fact.decoded.push_back({"role", "messenger", std::string(messenger->why)});
  else if (is_initproc)
    fact.decoded.push_back(
        {"role", "messenger", "launchd had already died; its exit reason says why"});
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kPanicked{"panicked", kSchemas, run};

}  // namespace panicscan::analysis
