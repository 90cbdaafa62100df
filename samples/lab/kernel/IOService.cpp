// Matching, starting, terminating. Names: xnu iokit/Kernel/IOService.cpp.
#include "IOService.h"

KEPT bool IOService::startCandidate(IOService* candidate) {
  note((u64)candidate);
  ((IOUserServer*)candidate)->launchUserServer(candidate);
  const bool started = ((IOUserService*)candidate)->start(this);
  note(1);
  return started;
}

KEPT bool IOService::probeCandidates(OSOrderedSet* matches) {
  note((u64)matches);
  const bool found = startCandidate((IOService*)matches);
  note(2);
  return found;
}

KEPT void IOService::doServiceMatch(u32 options) {
  note(options);
  probeCandidates((OSOrderedSet*)this);
  note(3);
}

KEPT void _IOConfigThread::main(void* argument, int result) {
  note((u64)result);
  ((IOService*)argument)->doServiceMatch(0);
  note(4);
}

KEPT int IOService::waitQuietWithOptions(u64 timeout, u32 options) {
  note(timeout);
  if (options & 1) panic("busy timeout");
  return (int)options;
}

extern "C" KEPT int is_io_service_wait_quiet_with_options(OSObject* service, u64 nanoseconds,
                                                           u32 options) {
  note(nanoseconds);
  return ((IOService*)service)->waitQuietWithOptions(nanoseconds, options) + 1;
}

KEPT void IOService::actionWillTerminate(IOService* victim, u32 options, OSArray* doPhase2, void* a,
                                         void* b) {
  note(options + (u64)doPhase2);
  ((IOUserServer*)victim)->serviceWillTerminate((IOService*)a, (IOService*)b, options);
  note(5);
}

KEPT void IOService::actionDidTerminate(IOService* victim, u32 options, void* a, void* b, void* c) {
  note(options + (u64)a + (u64)b + (u64)c);
  note((u64)victim);
}

KEPT void IOService::terminateWorker(u32 options) {
  note(options);
  actionWillTerminate((IOService*)&xnu_sink, options, nullptr, nullptr, nullptr);
  actionDidTerminate((IOService*)&xnu_sink, options, nullptr, nullptr, nullptr);
  note(6);
}

KEPT void IOService::terminateThread(void* argument, int result) {
  note((u64)argument);
  terminateWorker((u32)result);
  thread_block_reason(terminateThread, argument, 0);
}

KEPT bool IOService::terminatePhase1(u32 options) {
  note(options);
  lck_mtx_lock(this);
  return options != 0;
}

KEPT bool IOService::terminate(u32 options) {
  note(options);
  const bool done = terminatePhase1(options);
  note(7);
  return done;
}
