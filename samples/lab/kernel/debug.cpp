// From an exception or a call of panic() into the debugger.
// Names: xnu osfmk/kern/debug.c, osfmk/arm64/sleh.c, osfmk/arm64/locore.s.
#include "xnu.h"

volatile u64 xnu_sink;

extern "C" {

KEPT void handle_debugger_trap(u64* state, u32 exception) {
  note(exception);
  note(state[0]);
}

KEPT void handle_uncategorized(u64* state, u32 is_long) {
  note(is_long);
  handle_debugger_trap(state, 3);
  note(state[1]);
}

KEPT void panic_with_thread_kernel_state(const char* what, u64* state) {
  note(state[2]);
  panic(what, state[2]);
  note(state[3]);
}

KEPT void handle_kernel_abort(u64* state, u32 esr, u64 far) {
  note(esr);
  if (far < 0x1000) panic_with_thread_kernel_state("Kernel data abort.", state);
  note(far);
}

KEPT void mach_msg_overwrite_trap(u64* arguments) {
  note(arguments[0]);
  ipc_kobject_server((ipc_kmsg*)arguments);
  note(arguments[1]);
}

KEPT void handle_svc(u64* state) {
  note(state[16]);
  mach_msg_overwrite_trap(state);
  iokit_user_client_trap(state);
  note(state[0]);
}

KEPT void sleh_synchronous(u64* state, u32 esr, u64 far) {
  note(esr);
  if (esr == 0) handle_uncategorized(state, esr);
  if (esr == 1) handle_kernel_abort(state, esr, far);
  if (esr == 2) handle_svc(state);
  note(far);
}

KEPT void fleh_synchronous(u64* state) {
  note(state[0]);
  sleh_synchronous(state, 0, 0);
  note(state[1]);
}

KEPT void sleh_serror(u64* state, u32 esr, u64 far) {
  note(esr);
  panic_with_thread_kernel_state("SError", state);
  note(far);
}

KEPT void fleh_serror(u64* state) {
  note(state[0]);
  sleh_serror(state, 0, 0);
  note(state[1]);
}

KEPT void DebuggerTrapWithState(u64 reason) {
  note(reason);
  fleh_synchronous((u64*)&xnu_sink);
  note(reason);
}

KEPT void panic_trap_to_debugger(const char* format, u64 reason) {
  note((u64)format);
  DebuggerTrapWithState(reason);
  fleh_synchronous((u64*)&xnu_sink);
  note(reason);
}

KEPT void panic(const char* format, ...) {
  note((u64)format);
  panic_trap_to_debugger(format, 1);
  note(2);
}

KEPT void arm64_idle() { note(1); }

KEPT void kernel_trap(u64* state) {
  note(state[0]);
  panic("Kernel trap", state[0]);
  note(state[1]);
}

KEPT void kdp_i386_trap(u64* state) {
  note(state[0]);
  handle_debugger_trap(state, 3);
  note(state[1]);
}

KEPT void return_from_trap(u64* state) {
  note(state[0]);
  kernel_trap(state);
  note(state[1]);
}

}  // extern "C"
