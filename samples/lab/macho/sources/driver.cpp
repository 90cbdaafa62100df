#include "driver.h"

static __attribute__((noinline)) void ring_write(SampleRing *ring, unsigned value) {
  *ring->slot(value) = value;  // ring may be null: the crash
}

kern_return_t SampleDriver::Start_Impl(IOService *provider) {
  if (provider == nullptr) return -1;
  started_ += provider->depth();
  return handle(nullptr, started_);
}

kern_return_t SampleDriver::Stop_Impl(IOService *provider) {
  Storage storage;
  started_ = storage.flush_Impl(provider->depth());
  return 0;
}

__attribute__((noinline)) kern_return_t SampleDriver::handle(SampleRing *ring, unsigned value) {
  ring_write(ring, value);
  return value > 7 ? -2 : 0;
}

__attribute__((noinline)) unsigned SampleDriver::Storage::flush_Impl(unsigned bytes) {
  volatile unsigned left = bytes;
  while (left > 3) left = left / 2;
  return left;
}

extern "C" int main() {
  SampleDriver driver;
  IORPC rpc = {&driver, sizeof driver};
  return driver.Dispatch(rpc);
}
