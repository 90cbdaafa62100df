// Functions with the same code: the linker keeps one body for all of them, and the debug
// information says of one address that it lies in each.
#include "kernel.h"

namespace folded {

INLINE addr_t twice(addr_t value) { return value * 2 + lab_sink; }

NOINLINE addr_t first(addr_t value) { return twice(value) ^ 0x55; }
NOINLINE addr_t second(addr_t value) { return twice(value) ^ 0x55; }
NOINLINE addr_t third(addr_t value) { return twice(value) ^ 0x55; }
NOINLINE addr_t other(addr_t value) { return twice(value) ^ 0xaa; }

}  // namespace folded

volatile addr_t lab_sink;

extern "C" int main() {
  using namespace folded;
  lab_sink = first(1) + second(2) + third(3) + other(4);
  return 0;
}
