// Host: DriverKit's locks as std::mutex, its log as nothing.
#pragma once
#include <cstdlib>
#include <mutex>

#include <DriverKit/IOReturn.h>

struct IOLock {
  std::mutex mutex;
};
inline IOLock* IOLockAlloc() { return new IOLock; }
inline void IOLockFree(IOLock* lock) { delete lock; }
inline void IOLockLock(IOLock* lock) { lock->mutex.lock(); }
inline void IOLockUnlock(IOLock* lock) { lock->mutex.unlock(); }
inline int IOLog(const char*, ...) { return 0; }
#define IONewZero(type, count) static_cast<type*>(std::calloc((count), sizeof(type)))
#define IOSafeDeleteNULL(pointer, type, count) (std::free(pointer), (pointer) = nullptr)
