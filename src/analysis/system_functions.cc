#include <algorithm>

#include "analysis/thread_work.h"

// Functions that are never to blame: they carry the call of somebody else. What is not in this
// table is somebody's own code, or a framework's; code that the user calls his own, or gave the
// dSYM of, is never looked up here (thread_work.cc).

namespace panicscan::analysis {
namespace {

constexpr std::string_view kPrefixes[] = {
    "IO",                                   // IOKit in the kernel, DriverKit in an extension
    "OS",                                   // libkern, DriverKit: OSMetaClassBase::Invoke, OSAction
    "Xio_",                                 // MIG stubs of IOKit
    "is_io_",                               // and what they call
    "DISPATCH_",                            // libdispatch's markers
    "dispatch_",                            // libdispatch
    "dlock_",                               //
    "WAITING_",                             // the kernel's marker
    "psynch_",                              // system calls, libsystem_kernel
    "ulock_",                               //
    "workq_",                               //
    "semwait_",                             //
    "semaphore_",                           //
    "mach_msg",                             // libsystem_kernel, osfmk/ipc
    "kernel_mach_msg",                      //
    "pthread_",                             // libpthread
    "os_unfair_",                           // libplatform
    "lck_",                                 // osfmk/kern: locks
    "ipc_",                                 // osfmk/ipc
    "invocation function for block in OS",  // DriverKit
    "invocation function for block in IO",  //
};
constexpr std::string_view kNames[] = {
    "Server",          // the dext's end of DriverKit messages
    "InvokeRemote",    //
    "uiomachchannel",  //
    "uext_server",     // the kernel's end of them
    "iokit_user_client_trap",
    "start",            // dyld
    "start_wqthread",   // libpthread
    "thread_start",     //
    "dispatch_main",    // libdispatch
    "dispatch_sync",    //
    "dispatch_sync_f",  //
    "abort",            // libsystem_c
    "panic",            // osfmk/kern/debug.c
    "panic_trap_to_debugger",
    "Debugger",  //
    "handle_debugger_trap",
    "thread_block",         // osfmk/kern/sched_prim.c
    "thread_block_reason",  //
    "thread_continue",      //
    "thread_call_thread",   // osfmk/kern/thread_call.c
    "thread_invoke",        //
    "machine_switch_context",
    "Switch_context",      //
    "Call_continuation",   //
    "sleh_synchronous",    // osfmk/arm64/sleh.c
    "fleh_synchronous",    //
    "handle_svc",          //
    "mach_call_munger64",  // osfmk/i386/bsd_i386.c
    "unix_syscall64",      // bsd/dev/i386/systemcalls.c
    "unix_syscall",        //
};

}  // namespace

bool is_system_function(std::string_view function) {
  const auto is_name = [&](std::string_view name) { return function == name; };
  const auto begins = [&](std::string_view prefix) { return function.starts_with(prefix); };
  return std::ranges::any_of(kNames, is_name) || std::ranges::any_of(kPrefixes, begins);
}

}  // namespace panicscan::analysis
