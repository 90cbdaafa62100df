#include "analysis/wait_builder.h"

#include <algorithm>

namespace panicscan::analysis {
namespace {

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// A worker thread without work: it waits, serves no queue, and its stack is the pool's own.
/// Source: xnu bsd/pthread/pthread_workqueue.c, workq_park_*; libpthread start_wqthread().
bool is_parked(const Thread& thread) {
  if (has(thread.flags, "kThreadIdleWorker")) return true;
  return thread.queue.empty() && thread.process.value != 0 && thread.kernel_stack.empty() &&
         !thread.user_stack.empty() && thread.user_stack.size() <= 2 &&
         has(thread.state, "TH_WAIT");
}

/// Source: xnu osfmk/kern/thread.h, TH_*; a running thread may carry TH_WAIT while it is switched.
Activity activity_of(const Thread& thread, const Process& process) {
  if (has(thread.state, "TH_TERMINATE") || has(thread.state, "TH_TERMINATE2"))
    return Activity::exiting;
  if (has(thread.state, "TH_SUSP") || has(thread.flags, "kThreadSuspended") ||
      has(process.flags, "suspended") || has(process.flags, "frozen"))
    return Activity::suspended;
  if (has(thread.state, "TH_RUN")) return Activity::running;
  return is_parked(thread) ? Activity::parked : Activity::waiting;
}

}  // namespace

WaitBuilder::WaitBuilder(const Input& input) : input_(input) {
  const Report& report = input.report;
  thread_index_.reserve(report.threads.size());
  activity_.reserve(report.threads.size());
  graph_.nodes.reserve(report.waits.size());
  graph_.links.reserve(report.waits.size());
  for (std::uint32_t i = 0; i < report.threads.size(); ++i) {
    const Thread& thread = report.threads[i];
    thread_index_.try_emplace(thread.id.value, i);
    activity_.push_back(activity_of(thread, report.processes[thread.process.value]));
  }
  for (std::uint32_t i = 0; i < report.processes.size(); ++i)
    process_index_.try_emplace(report.processes[i].id.value, i);
}

Index<WaitNode> WaitBuilder::add(WaitNode node) {
  graph_.nodes.push_back(std::move(node));
  return {static_cast<std::uint32_t>(graph_.nodes.size() - 1)};
}

Index<WaitNode> WaitBuilder::thread(ThreadId id) {
  const auto next = static_cast<std::uint32_t>(graph_.nodes.size());
  const auto [at, is_new] = thread_nodes_.try_emplace(id.value, next);
  if (!is_new) return {at->second};
  WaitNode node{WaitNodeKind::thread, id.value, {}, {}, {}};
  if (const auto known = thread_index_.find(id.value); known != thread_index_.end()) {
    node.thread = Index<Thread>{known->second};
    node.process = report().threads[known->second].process;
  }
  return add(std::move(node));
}

Index<WaitNode> WaitBuilder::process(ProcessId id) {
  const auto key = static_cast<std::uint64_t>(id.value);
  const auto next = static_cast<std::uint32_t>(graph_.nodes.size());
  const auto [at, is_new] = process_nodes_.try_emplace(key, next);
  if (!is_new) return {at->second};
  WaitNode node{WaitNodeKind::process, key, {}, {}, {}};
  if (const auto known = process_index_.find(id.value); known != process_index_.end())
    node.process = Index<Process>{known->second};
  return add(std::move(node));
}

Index<WaitNode> WaitBuilder::object(WaitNodeKind kind, ObjectId id, WaitKind wait) {
  const auto next = static_cast<std::uint32_t>(graph_.nodes.size());
  const auto [at, is_new] =
      objects_[static_cast<std::size_t>(wait) % std::size(objects_)].try_emplace(id.value, next);
  if (!is_new) return {at->second};
  return add({kind, id.value, {}, {}, {}});
}

Index<WaitNode> WaitBuilder::queue(Index<Process> process, const std::string& label) {
  return named(WaitNodeKind::queue, label, process);
}

Index<WaitNode> WaitBuilder::named(WaitNodeKind kind, const std::string& name,
                                   std::optional<Index<Process>> process) {
  const std::uint64_t where = process ? std::uint64_t{process->value} + 1 : 0;
  const auto next = static_cast<std::uint32_t>(graph_.nodes.size());
  const auto [at, is_new] =
      named_.try_emplace({where << 8 | static_cast<std::uint64_t>(kind), name}, next);
  if (!is_new) return {at->second};
  return add({kind, 0, name, {}, process});
}

void WaitBuilder::link(Index<WaitNode> from, Index<WaitNode> to, WaitSureness sureness,
                       std::optional<Index<Frame>> frame, std::string text, WaitStrength strength) {
  WaitLink made;
  made.from = from;
  made.to = to;
  made.strength = strength;
  made.sureness = sureness;
  made.frame = frame;
  made.text = std::move(text);
  link(std::move(made));
}

}  // namespace panicscan::analysis
