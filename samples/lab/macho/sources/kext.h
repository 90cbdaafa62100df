// What every sample kext shares: registers, a command ring, and a probe.
#pragma once

#include "kernel_object.h"

namespace lab {

struct Registers {
  unsigned status, control, data[6];
  INLINE unsigned read(unsigned at) const {
    const volatile unsigned* const window = data;
    return window[at % 6];
  }
  INLINE void write(unsigned at, unsigned value) {
    volatile unsigned* const window = data;
    window[at % 6] = value;
  }
};

struct Command {
  unsigned tag, opcode;
  addr_t buffer;
};

/// The part that differs between kexts is how they finish a command.
template <typename Driver>
class Controller {
 public:
  INLINE bool submit(const Command& command) {
    if (pending_.count() == 8) return false;
    pending_.push(command);
    self().ring_doorbell(command.tag);
    return true;
  }
  NOINLINE unsigned interrupt(Registers* registers) {
    unsigned done = 0;
    while (!pending_.is_empty()) {
      const Command command = pending_.pop();
      done += self().complete(registers, command);
    }
    return done;
  }

 private:
  INLINE Driver& self() { return *static_cast<Driver*>(this); }
  Ring<Command, 8> pending_;
};

}  // namespace lab
