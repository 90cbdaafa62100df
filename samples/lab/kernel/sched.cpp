// Threads that wait, and where they resume.
// Names: xnu osfmk/kern/sched_prim.c, thread_call.c, sync_sema.c, locks; bsd/pthread.
#include "xnu.h"

extern "C" {

KEPT void machine_switch_context(void* from, void* to) {
  note((u64)from);
  note((u64)to);
}

KEPT void thread_invoke(void* self, void* thread, u32 reason) {
  note(reason);
  machine_switch_context(self, thread);
  note((u64)thread);
}

KEPT void thread_block_reason(Continuation continuation, void* parameter, u32 reason) {
  note((u64)parameter);
  thread_invoke((void*)continuation, parameter, reason);
  note(reason);
}

KEPT void thread_block(Continuation continuation) {
  note((u64)continuation);
  thread_block_reason(continuation, nullptr, 0);
  note(1);
}

KEPT void semaphore_wait_internal(void* semaphore) {
  note((u64)semaphore);
  thread_block_reason(nullptr, semaphore, 0);
  note(2);
}

KEPT void lck_mtx_lock_contended(void* lock) {
  note((u64)lock);
  thread_block_reason(nullptr, lock, 0);
  note(3);
}

KEPT void lck_mtx_lock(void* lock) {
  note((u64)lock);
  lck_mtx_lock_contended(lock);
  note(4);
}

KEPT void lck_mtx_sleep(void* lock) {
  note((u64)lock);
  thread_block_reason(nullptr, lock, 1);
  note(5);
}

KEPT void msleep(void* channel) {
  note((u64)channel);
  lck_mtx_sleep(channel);
  note(6);
}

KEPT void thread_call_invoke(void (*function)(void*, void*), void* a, void* b) {
  note((u64)a);
  function(a, b);
  note((u64)b);
}

KEPT void thread_call_thread(void* group, int result) {
  note((u64)group);
  thread_call_invoke((void (*)(void*, void*))group, group, group);
  note((u64)result);
}

KEPT void call_continuation(Continuation continuation, void* parameter) {
  note((u64)parameter);
  continuation(parameter, 0);
  note(7);
}

KEPT void workq_unpark_continue(void* parameter, int result) {
  note((u64)parameter);
  thread_block_reason(nullptr, parameter, (u32)result);
}

KEPT void mach_msg_receive_continue() { note(8); }
KEPT void semaphore_wait_continue() { note(9); }
KEPT void psynch_cvcontinue(void* parameter, int result) { note((u64)parameter + (u64)result); }
KEPT void psynch_mtxcontinue(void* parameter, int result) { note((u64)parameter - (u64)result); }
KEPT void ulock_wait_continue(void* parameter, int result) { note((u64)parameter * (u64)result); }
KEPT void kqueue_scan_continue(void* parameter, int result) { note((u64)parameter ^ (u64)result); }
KEPT void ifnet_start_thread_cont(void* parameter, int result) { note((u64)parameter | (u64)result); }
KEPT void vm_pageout_continue(void* parameter, int result) { note((u64)parameter & (u64)result); }

}  // extern "C"
