// The kernel's side of driver extensions. Names: xnu iokit/Kernel/IOUserServer.cpp.
#include "IOService.h"

KEPT int IOUserServer::rpc(IORPC rpc) {
  note(rpc.sendSize);
  const int result = kernel_mach_msg_rpc(rpc.message, rpc.sendSize, rpc.replySize);
  note((u64)result);
  return result;
}

KEPT int OSMetaClassBase::Invoke(IORPC rpc) {
  note(rpc.replySize);
  const int result = ((IOUserServer*)this)->rpc(rpc);
  note(1);
  return result;
}

KEPT int IOService::Start(IOService* provider, OSDispatchMethod super) {
  IORPC rpc = {(IORPCMessage*)provider, nullptr, 64, 64};
  const int result = super ? super(this, rpc) : Invoke(rpc);
  note(2);
  return result;
}

KEPT int IOService::Stop(IOService* provider, OSDispatchMethod super) {
  IORPC rpc = {(IORPCMessage*)provider, nullptr, 64, 64};
  const int result = super ? super(this, rpc) : Invoke(rpc);
  note(3);
  return result;
}

KEPT int IOService::SetPowerState(u32 flags, OSDispatchMethod super) {
  IORPC rpc = {nullptr, nullptr, flags, 64};
  const int result = super ? super(this, rpc) : Invoke(rpc);
  note(4);
  return result;
}

KEPT int IOService::SetPowerState_Impl(u32 flags) {
  note(flags);
  acknowledgeSetPowerState();
  return 0;
}

KEPT bool IOUserService::start(IOService* provider) {
  note((u64)provider);
  const int result = Start(provider);
  note(5);
  return result == 0;
}

KEPT int IOUserServer::serviceSetPowerState(IOService* controllingDriver, IOService* service,
                                            unsigned long flags, unsigned long state) {
  note(state + (u64)controllingDriver);
  const int result = service->SetPowerState((u32)flags);
  note(6);
  return result;
}

KEPT unsigned long IOUserServer::setPowerState(unsigned long state, IOService* service) {
  note(state);
  const int result = serviceSetPowerState(this, service, 2, state);
  note(7);
  return (unsigned long)result;
}

KEPT bool IOUserServer::serviceWillTerminate(IOService* client, IOService* provider, u32 options) {
  note(options);
  const int result = client->Stop(provider);
  note(8);
  return result == 0;
}

KEPT void __WAITING_FOR_USER_SERVER__(IOUserServerCheckInToken* token) {
  note((u64)token);
  semaphore_wait_internal(token);
  note(9);
}

KEPT int IOUserServer::launchUserServer(IOService* client) {
  note((u64)client);
  __WAITING_FOR_USER_SERVER__((IOUserServerCheckInToken*)client);
  note(10);
  return 0;
}

KEPT int IOUserServer::kernelDispatch(OSObject* object, IORPC rpc) {
  note(rpc.sendSize);
  OSDispatchMethod method = (OSDispatchMethod)object;
  const int result = method((OSMetaClassBase*)object, rpc);
  note(11);
  return result;
}

KEPT int IOUserServer::server(ipc_kmsg* request, IORPCMessage* message, ipc_kmsg** reply) {
  note((u64)reply);
  const IORPC rpc = {message, nullptr, 64, 64};
  const int result = kernelDispatch((OSObject*)request, rpc);
  note(12);
  return result;
}

extern "C" KEPT void uext_server(ipc_kmsg* request, ipc_kmsg** reply) {
  note((u64)reply);
  ((IOUserServer*)request)->server(request, nullptr, reply);
  note(13);
}

KEPT int IOUserServer::waitInterruptTrap(void* a, void* b, void* c, void* d, void* e, void* f) {
  note((u64)a + (u64)b + (u64)c);
  thread_block_reason(nullptr, d, 0);
  note((u64)e + (u64)f);
  return 0;
}

extern "C" KEPT u64 IOUserServerUEXTTrap(OSObject* object, void* a, void* b, void* c, void* d, void* e,
                                         void* f) {
  note((u64)a);
  const IORPC rpc = {(IORPCMessage*)b, (IORPCMessage*)c, 64, 64};
  ((IOUserServer*)object)->kernelDispatch(object, rpc);
  ((IOUserServer*)object)->waitInterruptTrap(a, b, c, d, e, f);
  note(14);
  return 0;
}

KEPT int IOUserServer::clientClose() {
  note(15);
  terminate(0);
  return 0;
}

class IOUserClient : public IOService {
 public:
  void clientDied();
};

KEPT void IOUserClient::clientDied() {
  note(16);
  ((IOUserServer*)this)->clientClose();
  note(17);
}

extern "C" KEPT void iokit_client_died(void* port) {
  note((u64)port);
  ((IOUserClient*)port)->clientDied();
  note(18);
}
