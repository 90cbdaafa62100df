// The parts of a kernel that reports show: the names are xnu's, the bodies only call one another,
// so that a return address of each stands behind a real call. Signatures are as long as the mangled
// name needs them.
#pragma once

#define KEPT __attribute__((used, noinline))

typedef unsigned long long u64;
typedef unsigned int u32;

/// Where everything that must not be optimised away goes.
extern "C" volatile u64 xnu_sink;

/// A statement the compiler has to keep, on a line of its own. No function: it would be on stacks.
#define note(value) (xnu_sink = xnu_sink * 31 + (u64)(value))

struct IORPCMessage;
struct IORPC {
  IORPCMessage *message, *reply;
  u32 sendSize, replySize;
};
struct ipc_kmsg;
struct task;
class OSObject;
class OSArray;
class OSOrderedSet;
class OSAction;
class OSMetaClassBase;
class IOService;
class IOUserServerCheckInToken;
typedef int (*OSDispatchMethod)(OSMetaClassBase*, IORPC);
typedef int (*Action)(OSObject*, void*, void*, void*, void*);
typedef void (*Continuation)(void*, int);

extern "C" {
void panic(const char* format, ...);
void panic_trap_to_debugger(const char* format, u64 reason);
void DebuggerTrapWithState(u64 reason);
void fleh_synchronous(u64* state);
void sleh_synchronous(u64* state, u32 esr, u64 far);
void thread_block_reason(Continuation continuation, void* parameter, u32 reason);
void semaphore_wait_internal(void* semaphore);
int mach_msg_rpc_from_kernel(void* header);
int kernel_mach_msg_rpc(void* header, u32 size, u32 reply);
void lck_mtx_lock(void* lock);
void ipc_kobject_server(ipc_kmsg* request);
void iokit_user_client_trap(u64* arguments);
void iokit_client_died(void* port);
void thread_call_thread(void* group, int result);
int _Xio_service_wait_quiet_with_options(void* request, void* reply);
int is_io_service_wait_quiet_with_options(OSObject* service, u64 nanoseconds, u32 options);
void uext_server(ipc_kmsg* request, ipc_kmsg** reply);
u64 IOUserServerUEXTTrap(OSObject* object, void* a, void* b, void* c, void* d, void* e, void* f);
}
