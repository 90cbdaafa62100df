#include "model/wait_graph.h"

#include "base/text.h"
#include "model/names.h"
#include "model/report.h"

namespace panicscan {
namespace {

std::string process_words(const Report& report, Index<Process> index) {
  const Process& process = report.processes[index.value];
  const std::string pid = std::to_string(process.id.value);
  return process.name.empty() ? "process " + pid : process.name + " (pid " + pid + ")";
}

}  // namespace

std::string_view meaning(WaitGapReason reason) {
  switch (reason) {
    case WaitGapReason::event_loop:
      return "waits for work on a port set, as event loops do";
    case WaitGapReason::any_sender:
      return "waits for a message; who sends it is not said";
    case WaitGapReason::unknown_owner:
      return "the kernel did not know the owner";
    case WaitGapReason::no_owner_kept:
      return "the kernel keeps no owner for this kind of wait";
    case WaitGapReason::readers:
      return "held by readers, which the kernel does not record";
    case WaitGapReason::in_transition:
      return "the object was being changed at that moment";
    case WaitGapReason::nobody_holds:
      return "nobody is named as its holder";
    case WaitGapReason::suspended_queue:
      return "the dispatch queue is suspended";
    case WaitGapReason::thread_requested:
      return "the queue waits for a worker thread";
    case WaitGapReason::any_of_many:
      return "any one of several processes can end this wait";
    case WaitGapReason::unknown_inheritor:
      return "the turnstile had no inheritor the kernel knew";
    case WaitGapReason::no_turnstile:
      return "there is no turnstile";
    case WaitGapReason::parked:
      return "an idle worker thread";
    case WaitGapReason::vm_object:
      return "memory is being worked on; by whom is not said";
    case WaitGapReason::unknown_phrase:
      break;
  }
  return "a phrase that is not known";
}

std::string_view meaning(ChainEnd end) {
  switch (end) {
    case ChainEnd::running:
      return "runs";
    case ChainEnd::suspended:
      return "is suspended";
    case ChainEnd::exiting:
      return "is exiting";
    case ChainEnd::idle:
      return "waits for work";
    case ChainEnd::waiting:
      return "waits, and the report does not say for whom";
    case ChainEnd::not_there:
      return "is not in the report";
    case ChainEnd::process:
      return "must act; with which thread is not said";
    case ChainEnd::object:
      return "has no owner that the report names";
    case ChainEnd::launching:
      return "has not checked in with the kernel";
  }
  return {};
}

std::string_view what_would_settle(ChainEnd end) {
  switch (end) {
    case ChainEnd::running:
      return "a second stackshot: whether it runs at the same place";
    case ChainEnd::suspended:
      return "who suspended it: a debugger, or task_suspend without resume";
    case ChainEnd::exiting:
      return "kernel symbols for its stack: what its exit waits for";
    case ChainEnd::idle:
      return "a second stackshot: whether the request was only on its way";
    case ChainEnd::waiting:
      return "symbols for its stack, kernel and user";
    case ChainEnd::not_there:
      return "a complete stackshot";
    case ChainEnd::process:
      return "symbols for the threads of that process";
    case ChainEnd::object:
      return "symbols for the threads that use it";
    case ChainEnd::launching:
      return "the log of launchd, amfid and kernelmanagerd at that time";
  }
  return {};
}

std::string_view reason_of(const Report& report, const WaitLink& link) {
  if (link.text.empty() && link.wait) return report.waits[link.wait->value].phrase;
  return link.text;
}

std::string words(const Report& report, const WaitNode& node) {
  switch (node.kind) {
    case WaitNodeKind::thread: {
      std::string text = "thread " + std::to_string(node.id);
      if (node.process) text += " of " + process_words(report, *node.process);
      return text;
    }
    case WaitNodeKind::process:
      if (node.process) return process_words(report, *node.process);
      return node.name.empty() ? "process " + std::to_string(static_cast<std::int64_t>(node.id))
                               : node.name;
    case WaitNodeKind::lock:
      return node.name.empty() ? "lock " + hex(node.id) : node.name;
    case WaitNodeKind::port:
      return "port " + hex(node.id);
    case WaitNodeKind::queue:
      return node.name.empty() ? "another queue" : "queue " + node.name;
    case WaitNodeKind::entry:
      return "registry entry '" + node.name + "'";
  }
  return {};
}

}  // namespace panicscan
