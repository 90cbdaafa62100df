#pragma once

#include "kernel.h"

namespace lab {

class Object {
 public:
  virtual void retire();
  INLINE void retain() { adjust(+1); }
  INLINE void release() {
    adjust(-1);
    if (is_unused()) retire();
  }

 protected:
  INLINE bool is_unused() const { return count_ == 0; }

 private:
  INLINE void adjust(int by) {
    count_ += by;
    lab_sink += static_cast<addr_t>(by);
  }
  int count_ = 1;
};

/// A ring of a power of two; each access goes through three inlined calls.
template <typename T, unsigned Size>
class Ring {
 public:
  INLINE void push(const T& value) { slot(head_++) = value; }
  INLINE T pop() { return slot(tail_++); }
  INLINE bool is_empty() const { return head_ == tail_; }
  INLINE unsigned count() const { return head_ - tail_; }
  NOINLINE T drain();

 private:
  INLINE unsigned wrapped(unsigned at) const { return at & (Size - 1); }
  INLINE T& slot(unsigned at) { return slots_[wrapped(at)]; }
  T slots_[Size];
  unsigned head_ = 0, tail_ = 0;
};

template <typename T, unsigned Size>
T Ring<T, Size>::drain() {
  T last = T();
  while (!is_empty()) last = pop();
  return last;
}

class Service : public Object {
 public:
  bool start(Service* provider);
  bool attach(Service* client);
  void stop();
  void retire() override;

 private:
  void set_state(unsigned bits);
  Ring<Service*, 8> clients_;
  Ring<addr_t, 16> events_;
  unsigned state_ = 0;
};

}  // namespace lab
