#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

namespace panicscan::analysis {

// ESR_EL1, the word in which an arm64 processor says why it took an exception.
// Source: Arm Architecture Reference Manual (DDI 0487), "ESR_EL1, Exception Syndrome Register".

/// Exception class, bits 31:26.
constexpr unsigned exception_class(std::uint64_t esr) {
  return static_cast<unsigned>(esr >> 26 & 0x3f);
}
/// Instruction specific syndrome, bits 24:0; its meaning depends on the class.
constexpr std::uint32_t specific_syndrome(std::uint64_t esr) {
  return static_cast<std::uint32_t>(esr & 0x1ffffff);
}
static_assert(exception_class(0x96000046) == 0x25);
static_assert(specific_syndrome(0xf200c472) == 0xc472);

constexpr bool is_data_abort(unsigned ec) { return ec == 0x24 || ec == 0x25; }
constexpr bool is_instruction_abort(unsigned ec) { return ec == 0x20 || ec == 0x21; }
constexpr bool is_abort(unsigned ec) { return is_data_abort(ec) || is_instruction_abort(ec); }
/// A brk instruction.
constexpr bool is_break(unsigned ec) { return ec == 0x3c; }

/// The words for an exception class; empty when the manual has none.
constexpr std::string_view class_name(unsigned ec) {
  struct Row {
    unsigned ec;
    std::string_view name;
  };
  constexpr Row rows[] = {
      {0x00, "unknown reason (undefined instruction)"},
      {0x07, "access to SIMD or floating point"},
      {0x09, "trapped use of pointer authentication"},
      {0x0d, "branch target exception (BTI)"},
      {0x0e, "illegal execution state"},
      {0x15, "system call (SVC)"},
      {0x18, "trapped MSR, MRS or system instruction"},
      {0x1c, "pointer authentication failure (FPAC)"},
      {0x1d, "access to SME"},
      {0x20, "instruction abort from user space"},
      {0x21, "instruction abort in the kernel"},
      {0x22, "PC alignment fault"},
      {0x24, "data abort from user space"},
      {0x25, "data abort in the kernel"},
      {0x26, "SP alignment fault"},
      {0x2c, "floating point exception"},
      {0x2f, "SError interrupt"},
      {0x30, "hardware breakpoint from user space"},
      {0x31, "hardware breakpoint in the kernel"},
      {0x32, "single step from user space"},
      {0x33, "single step in the kernel"},
      {0x34, "watchpoint from user space"},
      {0x35, "watchpoint in the kernel"},
      {0x3c, "brk instruction"},
  };
  for (const Row& row : rows)
    if (row.ec == ec) return row.name;
  return {};
}
static_assert(class_name(0x25) == "data abort in the kernel");

/// Fault status code of an abort, bits 5:0.
constexpr unsigned fault_status(std::uint64_t esr) { return static_cast<unsigned>(esr & 0x3f); }

/// The words for a fault status code; empty when the manual has none.
constexpr std::string_view fault_name(unsigned status) {
  constexpr std::string_view names[] = {
      "address size fault, level 0",
      "address size fault, level 1",
      "address size fault, level 2",
      "address size fault, level 3",
      "translation fault, level 0",
      "translation fault, level 1",
      "translation fault, level 2",
      "translation fault, level 3",
      "access flag fault, level 0",
      "access flag fault, level 1",
      "access flag fault, level 2",
      "access flag fault, level 3",
      "permission fault, level 0",
      "permission fault, level 1",
      "permission fault, level 2",
      "permission fault, level 3",
      "synchronous external abort",
      "synchronous tag check fault",
      {},
      {},
      "external abort on table walk, level 0",
      "external abort on table walk, level 1",
      "external abort on table walk, level 2",
      "external abort on table walk, level 3",
      "parity or ECC error",
      {},
      {},
      {},
      "parity or ECC error on table walk, level 0",
      "parity or ECC error on table walk, level 1",
      "parity or ECC error on table walk, level 2",
      "parity or ECC error on table walk, level 3",
      {},
      "alignment fault",
      "debug exception",
  };
  return status < std::size(names) ? names[status] : std::string_view{};
}
static_assert(fault_name(0x07) == "translation fault, level 3");
static_assert(fault_name(0x11) == "synchronous tag check fault");
static_assert(fault_name(0x21) == "alignment fault");

/// What a fault status means to somebody who debugs a driver.
constexpr std::string_view fault_meaning(unsigned status) {
  if (status >= 0x04 && status <= 0x07) return "nothing is mapped at the address";
  if (status >= 0x08 && status <= 0x0b) return "the page is not marked as accessible";
  if (status >= 0x0c && status <= 0x0f)
    return "the page is mapped, but not for this kind of access";
  if (status == 0x10) return "the bus answered with an error: a device that is off or gone";
  if (status == 0x11) return "the pointer's tag is not that of the memory: freed, or out of bounds";
  if (status >= 0x14 && status <= 0x17) return "the page tables themselves could not be read";
  if (status >= 0x18 && status <= 0x1f) return "the memory itself is faulty";
  if (status == 0x21) return "the address is not a multiple of the access size";
  if (status <= 0x03) return "the address has bits set that no address has";
  return {};
}

/// Bit 6: the access was a write (data aborts).
constexpr bool is_write(std::uint64_t esr) { return (esr >> 6 & 1) != 0; }
/// Bit 8: the access was cache maintenance; WnR is then always set.
constexpr bool is_cache_maintenance(std::uint64_t esr) { return (esr >> 8 & 1) != 0; }
/// Bit 7: the fault was met while walking the page tables of stage 1.
constexpr bool is_on_table_walk(std::uint64_t esr) { return (esr >> 7 & 1) != 0; }
/// Bit 9: what kind of external abort it was is up to the SoC.
constexpr bool is_external_type(std::uint64_t esr) { return (esr >> 9 & 1) != 0; }
static_assert(is_write(0x96000046) && !is_write(0x96000006));

/// Whether FAR holds the address that faulted: only aborts, PC alignment faults and watchpoints set
/// it, and bit 10 takes that back for a synchronous external abort.
constexpr bool is_far_valid(std::uint64_t esr) {
  const unsigned ec = exception_class(esr);
  if (ec == 0x22 || ec == 0x34 || ec == 0x35) return true;
  return is_abort(ec) && !(fault_status(esr) == 0x10 && (esr >> 10 & 1) != 0);
}
static_assert(is_far_valid(0x96000004));
static_assert(!is_far_valid(0x96000410));
static_assert(!is_far_valid(0xf2005519));

/// The number in a brk instruction, as xnu and clang use it. Source: xnu
/// osfmk/kern/trap_telemetry.h, osfmk/arm64/sleh.c; clang -fptrauth, -fbounds-safety, -fsanitize.
constexpr std::string_view break_meaning(std::uint32_t comment) {
  if (comment >= 0xc470 && comment <= 0xc473) return "a signed pointer failed its check";
  if (comment == 0xbffc) return "an assertion failed";
  if (comment == 0xbffd) return "a linked list is corrupt";
  if (comment == 0xbffe) return "a string function would have overflowed its buffer";
  if (comment == 0x5519) return "an index or pointer was out of bounds (-fbounds-safety)";
  if (comment >= 0x5500 && comment <= 0x55ff) return "a check that clang inserted failed";
  if (comment == 0x0800) return "libc++ aborted";
  if (comment >= 0x0900 && comment <= 0x093f)
    return "the address sanitizer of the kernel stopped it";
  if (comment == 0xff00) return "a signed integer overflowed";
  if (comment == 0x0001) return "__builtin_trap(): the code decided to stop";
  return "a deliberate stop without a known number";
}

/// The key of a pointer authentication failure; empty when the number is none.
constexpr std::string_view break_key(std::uint32_t comment) {
  constexpr std::string_view keys[] = {"IA", "IB", "DA", "DB"};
  return comment >= 0xc470 && comment <= 0xc473 ? keys[comment - 0xc470] : std::string_view{};
}
static_assert(break_key(0xc472) == "DA");

/// The memory tag in a pointer, bits 59:56.
constexpr unsigned memory_tag(std::uint64_t pointer) {
  return static_cast<unsigned>(pointer >> 56 & 0xf);
}
static_assert(memory_tag(0xfdfffe241cf0a8f0) == 0xd);

}  // namespace panicscan::analysis
