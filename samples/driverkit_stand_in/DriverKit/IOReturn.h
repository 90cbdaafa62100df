// Stand-in: results of DriverKit calls. Values: xnu iokit/DriverKit/IOReturn.h.
#pragma once
#include <stdint.h>

typedef int kern_return_t;
typedef kern_return_t IOReturn;

enum : kern_return_t {
  kIOReturnSuccess = 0,
  kIOReturnError = (int)0xe00002bc,
  kIOReturnNoMemory = (int)0xe00002bd,
  kIOReturnNoResources = (int)0xe00002be,
  kIOReturnIPCError = (int)0xe00002bf,
  kIOReturnNoDevice = (int)0xe00002c0,
  kIOReturnNotPrivileged = (int)0xe00002c1,
  kIOReturnBadArgument = (int)0xe00002c2,
  kIOReturnUnsupported = (int)0xe00002c7,
  kIOReturnIOError = (int)0xe00002ca,
  kIOReturnNotOpen = (int)0xe00002cd,
  kIOReturnBusy = (int)0xe00002d5,
  kIOReturnTimeout = (int)0xe00002d6,
  kIOReturnNotReady = (int)0xe00002d8,
  kIOReturnNotPermitted = (int)0xe00002e2,
  kIOReturnAborted = (int)0xe00002eb,
  kIOReturnNotFound = (int)0xe00002f0,
};
