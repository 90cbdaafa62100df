// Stand-in: memory, locks, sleep and the log. Names and prototypes as in the SDK's IOLib.h.
#pragma once
#include <DriverKit/IOReturn.h>
#include <stddef.h>
#include <stdint.h>

struct IOLock;
extern "C" {
int IOLog(const char* format, ...) __attribute__((format(printf, 1, 2)));
void IOSleep(uint64_t milliseconds);
void* IOMalloc(size_t size);
void* IOMallocZero(size_t size);
void IOFree(void* address, size_t size);
IOLock* IOLockAlloc(void);
void IOLockFree(IOLock* lock);
void IOLockLock(IOLock* lock);
void IOLockUnlock(IOLock* lock);
}

#define IONewZero(type, count) ((type*)IOMallocZero(sizeof(type) * (count)))
#define IOSafeDeleteNULL(pointer, type, count)   \
  do {                                           \
    if ((pointer) != nullptr) {                  \
      IOFree((pointer), sizeof(type) * (count)); \
      (pointer) = nullptr;                       \
    }                                            \
  } while (0)
