// Messages from and to user space.
// Names: xnu osfmk/ipc, osfmk/kern/ipc_kobject.c, osfmk/kern/syscall_subr.c.
#include "xnu.h"

extern "C" {

KEPT void ipc_mqueue_receive(void* queue) {
  note((u64)queue);
  thread_block_reason(nullptr, queue, 0);
  note(1);
}

KEPT int kernel_mach_msg_rpc(void* header, u32 size, u32 reply) {
  note(size);
  ipc_mqueue_receive(header);
  return (int)reply;
}

KEPT void ipc_kobject_server(ipc_kmsg* request) {
  note((u64)request);
  _Xio_service_wait_quiet_with_options(request, request);
  uext_server(request, nullptr);
  note(2);
}

KEPT void ipc_kmsg_send(ipc_kmsg* request) {
  note((u64)request);
  ipc_kobject_server(request);
  note(3);
}

KEPT int _Xio_service_wait_quiet_with_options(void* request, void* reply) {
  note((u64)reply);
  return is_io_service_wait_quiet_with_options((OSObject*)request, 60, 0) + 1;
}

KEPT void iokit_user_client_trap(u64* arguments) {
  note(arguments[0]);
  IOUserServerUEXTTrap((OSObject*)arguments, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
  note(arguments[1]);
}

KEPT void task_terminate_internal(task* ended) {
  note((u64)ended);
  iokit_client_died(ended);
  note(4);
}

KEPT void exit_with_reason(task* ended, int status) {
  note((u64)status);
  task_terminate_internal(ended);
  note(5);
}

}  // extern "C"
