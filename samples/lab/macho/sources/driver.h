// A driver extension as its author and DriverKit's interface generator would write it, with
// types of our own in the place of DriverKit's.
#pragma once

typedef int kern_return_t;
struct IORPC {
  void* message;
  unsigned size;
};

class OSMetaClassBase {
 public:
  virtual kern_return_t Dispatch(IORPC rpc) = 0;
};

class IOService : public OSMetaClassBase {
 public:
  kern_return_t Dispatch(IORPC rpc) override;
  unsigned depth() const;
};

class SampleRing {
 public:
  inline __attribute__((always_inline)) unsigned* slot(unsigned at) { return &data_[wrapped(at)]; }

 private:
  inline __attribute__((always_inline)) unsigned wrapped(unsigned at) const {
    return (at + head_) & 15;
  }
  unsigned head_, data_[16];
};

class SampleDriver : public IOService {
 public:
  typedef kern_return_t (*StartHandler)(OSMetaClassBase* target, IOService* provider);

  kern_return_t Dispatch(IORPC rpc) override;
  // By the generator: chooses the method of a message, and unpacks its arguments.
  static kern_return_t _Dispatch(SampleDriver* self, IORPC rpc);
  static kern_return_t Start_Invoke(IORPC rpc, OSMetaClassBase* target, StartHandler handler);
  // By the author: IMPL(SampleDriver, Start), IMPL(SampleDriver, Stop).
  kern_return_t Start_Impl(IOService* provider);
  kern_return_t Stop_Impl(IOService* provider);
  // Not the generator's, though it ends alike.
  class Storage;

 private:
  kern_return_t handle(SampleRing* ring, unsigned value);
  unsigned started_ = 0;
};

/// A private implementation of the author's own: no _Dispatch, so its name is what it is.
class SampleDriver::Storage {
 public:
  unsigned flush_Impl(unsigned bytes);
};
