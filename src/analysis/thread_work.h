#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/analysis.h"

namespace panicscan::analysis {

/// What a waiting thread is doing, as the functions on its stack tell.
enum class Doing {
  unknown,
  rpc,            ///< in the kernel: it called a driver extension and waits for the answer
  server_launch,  ///< in the kernel: it waits for a driver extension to check in
  queue_hop,      ///< waits until a dispatch queue is free
  lock,           ///< waits for a lock
  command_gate,   ///< sleeps behind the gate of a work loop
  kernel_call,    ///< of a driver extension: in a call into the kernel
  registry,       ///< in the kernel: it waits until nothing in the I/O registry is busy
};

/// "rpc", "queue-hop"…, as facts spell it.
std::string_view to_string(Doing doing);

/// What the names on a thread's stacks say about it; all empty without names.
struct ThreadWork {
  Index<Thread> thread;
  Doing doing = Doing::unknown;
  std::optional<Index<Frame>> frame;  ///< that shows what it does
  std::string marker;                 ///< the function of that frame
  std::string via;  ///< the first function behind the marker that is no plumbing: "IOService::Stop"
  std::string own;  ///< the innermost function that is not a system's
  std::string
      method;  ///< the method of a driver extension that it executes: "Stop" of X::Stop_Impl
  std::optional<Index<Frame>> own_frame;
  /// Of the functions that are not a system's, each once; threads share the texts.
  std::vector<std::shared_ptr<const std::string>> classes;
  bool is_terminating = false;  ///< it is the kernel's thread that terminates services
};

/// Reads the stacks of all threads; only those of which something is known, ascending.
/// Cost: each name is taken apart once.
std::vector<ThreadWork> threads_at_work(const Input& input);

/// Whether a function, by its bare name, belongs to the system: see the table in
/// system_functions.cc.
bool is_system_function(std::string_view function);
/// The name without parameters: "IOService::Stop".
std::string plain_function(std::string_view symbol);
/// The same without leading underscores, of which symbol tables have one more than sources.
std::string_view bare_function(std::string_view plain);

}  // namespace panicscan::analysis
