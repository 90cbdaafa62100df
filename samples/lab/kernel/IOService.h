#pragma once

#include "xnu.h"

class OSMetaClassBase {
 public:
  int Invoke(IORPC rpc);
};

class IOService : public OSMetaClassBase {
 public:
  // IOService.cpp
  void doServiceMatch(u32 options);
  bool probeCandidates(OSOrderedSet* matches);
  bool startCandidate(IOService* candidate);
  int waitQuietWithOptions(u64 timeout, u32 options);
  static void terminateThread(void* argument, int result);
  static void terminateWorker(u32 options);
  static void actionWillTerminate(IOService* victim, u32 options, OSArray* doPhase2, void* a,
                                  void* b);
  static void actionDidTerminate(IOService* victim, u32 options, void* a, void* b, void* c);
  bool terminatePhase1(u32 options);
  bool terminate(u32 options);
  // IOServicePM.cpp
  bool ackTimerTick();
  static int actionAckTimerExpired(OSObject* target, void* a, void* b, void* c, void* d);
  static void ack_timer_expired(void* a, void* b);
  static void watchdog_timer_expired(void* a, void* b);
  int driverSetPowerState();
  static void pmDriverCallout(IOService* from, void* parameter);
  // Made by iig: the calls into a driver extension.
  int Start(IOService* provider, OSDispatchMethod super = nullptr);
  int Stop(IOService* provider, OSDispatchMethod super = nullptr);
  int SetPowerState(u32 flags, OSDispatchMethod super = nullptr);
  int SetPowerState_Impl(u32 flags);
  void acknowledgeSetPowerState();
};

class IOUserService : public IOService {
 public:
  bool start(IOService* provider);
};

class _IOConfigThread {
 public:
  static void main(void* argument, int result);
};

class IOUserServer : public IOService {
 public:
  int rpc(IORPC rpc);
  int serviceSetPowerState(IOService* controllingDriver, IOService* service, unsigned long flags,
                           unsigned long state);
  unsigned long setPowerState(unsigned long state, IOService* service);
  bool serviceWillTerminate(IOService* client, IOService* provider, u32 options);
  int launchUserServer(IOService* client);
  int kernelDispatch(OSObject* object, IORPC rpc);
  int server(ipc_kmsg* request, IORPCMessage* message, ipc_kmsg** reply);
  int clientClose();
  int waitInterruptTrap(void* a, void* b, void* c, void* d, void* e, void* f);
};
