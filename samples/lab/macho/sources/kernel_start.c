#include "kernel.h"

volatile addr_t lab_sink;

static INLINE addr_t rotate(addr_t value, unsigned by) { return value << by | value >> (64 - by); }

static INLINE addr_t mix(addr_t a, addr_t b) { return rotate(a, 13) ^ (b * 31); }

static INLINE addr_t stir(addr_t a) {
  const addr_t first = mix(a, lab_sink);
  return mix(first, a);
}

addr_t lab_checksum(const unsigned char *bytes, addr_t length) {
  addr_t sum = 0;
  for (addr_t i = 0; i < length; ++i) {
    sum = mix(sum, bytes[i]);
    if ((i & 7) == 7) sum = stir(sum);
  }
  return sum;
}

NOINLINE void start(void) {
  struct trap_state state = {0};
  state.pc = stir(1);
  state.esr = lab_checksum((const unsigned char *)&state, sizeof state);
  lab_trap(&state);
}
