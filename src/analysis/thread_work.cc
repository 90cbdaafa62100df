#include "analysis/thread_work.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "model/driver_extension.h"
#include "model/readable_name.h"

// A few functions are only ever seen in a thread that waits, and say for what:
//
//   thread_block, ipc_mqueue_receive, kernel_mach_msg_rpc, IOUserServer::rpc,
//   OSMetaClassBase::Invoke, IOService::Stop, IOUserServer::serviceWillTerminate …
//     → a kernel thread that called Stop of a driver extension and waits for the answer
//   __ulock_wait, _dlock_wait, __DISPATCH_WAIT_FOR_QUEUE__, _dispatch_sync_f_slow,
//   IODispatchQueue::DispatchSync_f, OSMetaClassBase::Invoke, IOTimerDispatchSource::WakeAtTime,
//   ExampleScheduler::Arm …
//     → waits for the queue of the timer
// Source: xnu iokit/Kernel/IOUserServer.cpp, IOCommandGate.cpp; swift-corelibs-libdispatch
// src/queue.c (the marker is there to be seen in backtraces); libpthread src/pthread_mutex.c;
// libplatform src/os/lock.c.

namespace panicscan::analysis {
namespace {

struct Marker {
  std::string_view function;
  Doing doing;
};
constexpr std::array kKernelMarkers{
    Marker{"IOUserServer::rpc", Doing::rpc},
    Marker{"WAITING_FOR_USER_SERVER__", Doing::server_launch},
    Marker{"IOService::waitQuiet", Doing::registry},
    Marker{"IOCommandGate::commandSleep", Doing::command_gate},
    Marker{"IOWorkLoop::sleepGate", Doing::command_gate},
    Marker{"IOWorkLoop::closeGate", Doing::command_gate},
    Marker{"lck_mtx_lock_contended", Doing::lock},
    Marker{"lck_mtx_lock_wait_x86", Doing::lock},
    Marker{"lck_mtx_lock_slow", Doing::lock},
    Marker{"lck_rw_lock_exclusive_gen", Doing::lock},
    Marker{"lck_rw_lock_shared_gen", Doing::lock},
    Marker{"lck_rw_lock_exclusive_contended", Doing::lock},
    Marker{"lck_rw_lock_shared_contended", Doing::lock},
};
constexpr std::array kUserMarkers{
    Marker{"DISPATCH_WAIT_FOR_QUEUE__", Doing::queue_hop},
    Marker{"psynch_mutexwait", Doing::lock},
    Marker{"pthread_mutex_firstfit_lock_wait", Doing::lock},
    Marker{"pthread_mutex_firstfit_lock_slow", Doing::lock},
    Marker{"os_unfair_lock_lock_slow", Doing::lock},
    Marker{"os_unfair_recursive_lock_lock_slow", Doing::lock},
    Marker{"iokit_user_client_trap", Doing::kernel_call},
    Marker{"InvokeRemote", Doing::kernel_call},
};

/// What stands between a marker and the call that somebody made.
constexpr std::array<std::string_view, 16> kPlumbing{
    "pthread_mutex_firstfit_lock_slow",
    "pthread_mutex_lock",
    "os_unfair_lock_lock_slow",
    "os_unfair_lock_lock",
    "os_unfair_lock_lock_with_options",
    "IOLockLock",
    "IORecursiveLockLock",
    "lck_mtx_lock",
    "lck_rw_lock_exclusive",
    "lck_rw_lock_shared",
    "dispatch_sync_f_slow",
    "IODispatchQueue::DispatchSync_f",
    "IODispatchQueue::DispatchSync",
    "OSMetaClassBase::Invoke",
    "OSMetaClassBase::Dispatch",
    "IOUserServer::rpc",
};

/// What one name means; taken apart once for each different name.
struct Name {
  std::string plain;  ///< as shown
  std::string method;
  std::shared_ptr<const std::string> class_name;  ///< null: none; the same for the same text
  std::string bare_method;  ///< may be the method: of the functions in a row the outermost is
  Doing kernel = Doing::unknown, user = Doing::unknown;
  bool is_system = false, is_plumbing = false, is_terminate_thread = false;
  bool is_dispatch = false;  ///< iig's code around a method
};

template <std::size_t size>
Doing find_marker(const std::array<Marker, size>& markers, std::string_view function) {
  const auto found = std::ranges::find(markers, function, &Marker::function);
  return found == markers.end() ? Doing::unknown : found->doing;
}

/// Texts that many share, each once.
using Texts = std::unordered_map<std::string, std::shared_ptr<const std::string>>;

std::shared_ptr<const std::string> shared(const std::string& text, Texts& texts) {
  std::shared_ptr<const std::string>& known = texts[text];
  if (known == nullptr) known = std::make_shared<const std::string>(text);
  return known;
}

Name read_name(const std::string& symbol, bool is_own, Texts& classes) {
  Name name;
  name.plain = plain_function(symbol);
  const std::size_t colons = name.plain.rfind("::");
  const std::string last = colons == std::string::npos ? name.plain : name.plain.substr(colons + 2);
  if (colons != std::string::npos && colons > 0)
    name.class_name = shared(name.plain.substr(0, colons), classes);
  constexpr std::string_view kImpl = "_Impl";
  if (last.ends_with(kImpl)) name.method = last.substr(0, last.size() - kImpl.size());
  const std::string_view bare = bare_function(name.plain);
  if (!is_own) {
    name.kernel = find_marker(kKernelMarkers, bare);
    name.user = find_marker(kUserMarkers, bare);
    name.is_system = is_system_function(bare);
    name.is_plumbing = std::ranges::find(kPlumbing, bare) != kPlumbing.end();
    name.is_terminate_thread = name.plain == "IOService::terminateThread";
  }
  // Symbol files of a driver extension are read without what iig adds: X::Stop, no parameters.
  const bool is_bare = colons != std::string::npos && symbol.find('(') == std::string::npos;
  if (name.method.empty() && !name.is_system && is_bare) name.bare_method = last;
  name.is_dispatch = last == "Dispatch" || last == "_Dispatch" || last.ends_with("_Invoke");
  return name;
}

class Reader {
 public:
  explicit Reader(const Input& input) : input_(input) {}

  ThreadWork read(Index<Thread> index) {
    const Thread& thread = input_.report.threads[index.value];
    ThreadWork work{index, {}, {}, {}, {}, {}, {}, {}, {}, false};
    is_of_dext_ = is_driver_extension(input_.report.processes[thread.process.value]);
    read_stack(thread.kernel_stack, true, work);
    read_stack(thread.user_stack, false, work);
    return work;
  }

 private:
  /// The names by text, and by the symbols that have them: frames share symbols, and to hash a
  /// pointer is quicker than to hash the name of a template.
  struct Names {
    std::unordered_map<std::string, Name> by_text;
    std::unordered_map<const Symbol*, const Name*> by_symbol;
  };

  /// Whatever a function of one's own code is called, it is neither a marker nor plumbing.
  const Name& name_of(const Symbol& symbol, bool is_own) {
    Names& names = is_own ? own_names_ : names_;
    const Name*& known = names.by_symbol[&symbol];
    if (known != nullptr) return *known;
    const auto [at, is_new] = names.by_text.try_emplace(symbol.function);
    if (is_new) at->second = read_name(symbol.function, is_own, classes_);
    known = &at->second;
    return *known;
  }

  void read_stack(IndexRange<Frame> stack, bool is_kernel, ThreadWork& work) {
    bool wants_via = false, is_inside = true;
    std::string outermost;
    for (std::uint32_t i = stack.begin; i < stack.end; ++i) {
      const bool is_own = input_.is_own({i});
      for (const Symbol& symbol : input_.symbols.of({i})) {
        const Name& name = name_of(symbol, is_own);
        Doing doing = is_kernel ? name.kernel : name.user;
        // A driver extension waits for something of its own to be quiet, by a call into the kernel.
        if (doing == Doing::registry && is_of_dext_) doing = Doing::unknown;
        if (doing != Doing::unknown && work.doing == Doing::unknown && work.own.empty()) {
          work.doing = doing;
          work.frame = Index<Frame>{i};
          work.marker = name.plain;
          wants_via = true;
        } else if (wants_via && !name.is_plumbing &&
                   (is_kernel ? name.kernel : name.user) == Doing::unknown) {
          work.via = name.plain;
          wants_via = false;
        }
        work.is_terminating = work.is_terminating || name.is_terminate_thread;
        if (!is_kernel && work.method.empty()) work.method = name.method;
        is_inside = is_inside && !name.is_dispatch;
        if (!is_kernel && is_inside && !name.bare_method.empty()) outermost = name.bare_method;
        if (name.is_system) continue;
        if (work.own.empty()) {
          work.own = name.plain;
          work.own_frame = Index<Frame>{i};
        }
        if (name.class_name != nullptr &&
            std::ranges::find(work.classes, name.class_name) == work.classes.end())
          work.classes.push_back(name.class_name);
      }
    }
    if (work.method.empty()) work.method = outermost;
  }

  const Input& input_;
  bool is_of_dext_ = false;  ///< the thread that is being read
  Names names_, own_names_;
  Texts classes_;
};

}  // namespace

std::string_view to_string(Doing doing) {
  constexpr std::array<std::string_view, 8> kNames{"unknown",     "rpc",     "server-launch",
                                                   "queue-hop",   "lock",    "command-gate",
                                                   "kernel-call", "registry"};
  return kNames[static_cast<std::size_t>(doing)];
}

std::string plain_function(std::string_view symbol) {
  const bool is_mangled = symbol.starts_with("_Z") || symbol.starts_with("__Z");
  std::string name = is_mangled ? readable_name(symbol) : std::string(symbol);
  constexpr std::string_view kAnonymous = "(anonymous namespace)";
  const std::size_t from = name.starts_with(kAnonymous) ? kAnonymous.size() : 1;
  if (const std::size_t parameters = name.find('(', from); parameters != std::string::npos)
    name.resize(parameters);
  return name;
}

std::string_view bare_function(std::string_view plain) {
  plain.remove_prefix(std::min(plain.find_first_not_of('_'), plain.size()));
  return plain;
}

std::vector<ThreadWork> threads_at_work(const Input& input) {
  std::vector<ThreadWork> all;
  Reader reader(input);
  for (std::uint32_t i = 0; i < input.report.threads.size(); ++i) {
    ThreadWork work = reader.read({i});
    if (work.doing != Doing::unknown || !work.own.empty() || !work.method.empty())
      all.push_back(std::move(work));
  }
  return all;
}

}  // namespace panicscan::analysis
