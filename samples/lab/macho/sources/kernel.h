// A miniature kernel: enough classes, inlining and units to symbolicate.
#pragma once

#define INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long addr_t;

/// Where everything that must not be optimised away goes.
extern volatile addr_t lab_sink;

struct trap_state {
  addr_t pc, lr, far, esr;
  addr_t x[8];
};

void lab_panic(const char* why, addr_t value) __attribute__((noreturn));
void lab_trap(struct trap_state* state);
addr_t lab_checksum(const unsigned char* bytes, addr_t length);

#ifdef __cplusplus
}
#endif
