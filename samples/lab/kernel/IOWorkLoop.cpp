// Names: xnu iokit/Kernel/IOWorkLoop.cpp, IOCommandGate.cpp, IOInterruptEventSource.cpp.
#include "xnu.h"

class IOWorkLoop {
 public:
  void runAction(Action action, OSObject* target, void* a, void* b, void* c, void* d);
  void closeGate();
  int sleepGate(void* event, u32 type);
  static void threadMain();
  bool runEventSources();
};

class IOCommandGate {
 public:
  int commandSleep(void* event, u32 type);
};

class IOInterruptEventSource {
 public:
  bool checkForWork();
};

KEPT void IOWorkLoop::closeGate() {
  note(1);
  lck_mtx_lock(this);
  note(2);
}

KEPT void IOWorkLoop::runAction(Action action, OSObject* target, void* a, void* b, void* c, void* d) {
  closeGate();
  action(target, a, b, c, d);
  note(3);
}

extern "C" void lck_mtx_sleep(void* lock);

KEPT int IOWorkLoop::sleepGate(void* event, u32 type) {
  note(type);
  lck_mtx_sleep(event);
  return 4;
}

KEPT int IOCommandGate::commandSleep(void* event, u32 type) {
  note(type);
  return ((IOWorkLoop*)this)->sleepGate(event, type) + 1;
}

KEPT bool IOInterruptEventSource::checkForWork() {
  note(5);
  void (*action)(OSObject*, int) = (void (*)(OSObject*, int))xnu_sink;
  action((OSObject*)this, 1);
  return xnu_sink != 0;
}

KEPT bool IOWorkLoop::runEventSources() {
  note(6);
  const bool more = ((IOInterruptEventSource*)this)->checkForWork();
  note(7);
  return more;
}

KEPT void IOWorkLoop::threadMain() {
  note(8);
  IOWorkLoop* const self = (IOWorkLoop*)&xnu_sink;
  self->runEventSources();
  thread_block_reason(nullptr, nullptr, 0);
  note(9);
}
