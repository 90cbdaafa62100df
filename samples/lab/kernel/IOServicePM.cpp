// Power states of drivers. Names: xnu iokit/Kernel/IOServicePM.cpp.
#include "IOService.h"

KEPT bool IOService::ackTimerTick() {
  note(1);
  if (xnu_sink & 1) panic("setPowerState timed out");
  return xnu_sink != 0;
}

KEPT int IOService::actionAckTimerExpired(OSObject* target, void* a, void* b, void* c, void* d) {
  note((u64)a + (u64)b + (u64)c + (u64)d);
  const bool done = ((IOService*)target)->ackTimerTick();
  return done ? 1 : 0;
}

class IOWorkLoop {
 public:
  void runAction(Action action, OSObject* target, void* a, void* b, void* c, void* d);
};

KEPT void IOService::ack_timer_expired(void* a, void* b) {
  note((u64)b);
  ((IOWorkLoop*)a)->runAction(actionAckTimerExpired, (OSObject*)a, nullptr, nullptr, nullptr, nullptr);
  note(2);
}

KEPT int IOService::driverSetPowerState() {
  note(3);
  const unsigned long wait = ((IOUserServer*)this)->setPowerState(2, this);
  return (int)wait;
}

KEPT void IOService::pmDriverCallout(IOService* from, void* parameter) {
  note((u64)parameter);
  from->driverSetPowerState();
  note(4);
}

KEPT void IOService::acknowledgeSetPowerState() { note(5); }

class IOPMrootDomain {
 public:
  void takeStackshot(bool restart);
  static void sleepWakeDebugTrig(bool restart);
  void checkShutdownTimeout();
};

KEPT void IOPMrootDomain::sleepWakeDebugTrig(bool restart) {
  note(restart);
  panic("Sleep/Wake hang detected");
}

KEPT void IOPMrootDomain::checkShutdownTimeout() {
  note(6);
  sleepWakeDebugTrig(true);
  note(7);
}

KEPT void IOService::watchdog_timer_expired(void* a, void* b) {
  note((u64)a + (u64)b);
  IOPMrootDomain::sleepWakeDebugTrig(true);
  note(8);
}

KEPT void IOPMrootDomain::takeStackshot(bool restart) {
  note(restart);
  panic("Sleep/Wake hang detected");
}
