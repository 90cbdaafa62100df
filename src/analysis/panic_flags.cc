#include "analysis/analysis.h"

#include <array>

#include "base/text.h"

// panicFlags "0x102": two logs exist, with the same name for their flag word and different bits.
// Apple silicon, iOS and T2 write the embedded one, Intel hosts the other; the parser says which.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"value", ValueType::hex, "the word as printed"},
    {"bits", ValueType::list, "names of the bits that are set"},
    {"layout", ValueType::text, "which of the two bit layouts applies: arm or intel"},
};
constexpr FactSchema kSchema{"panic.flags", "The flag word of the panic log, bit by bit.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// One bit of the word: its number, its name in rules, and what it means.
struct Bit {
  std::uint64_t mask;
  std::string_view name, meaning;
};

// Source: xnu osfmk/kern/debug.h, EMBEDDED_PANIC_HEADER_FLAG_*.
constexpr std::array kArmBits{
    Bit{0x1, "coredump-complete", "a core dump was written"},
    Bit{0x2, "stackshot-succeeded", "the stackshot is complete"},
    Bit{0x4, "stackshot-failed-sync", "no stackshot: a processor did not stop for it"},
    Bit{0x8, "stackshot-failed-error", "no stackshot: taking it failed"},
    Bit{0x10, "stackshot-incomplete", "the stackshot ran out of space and was erased"},
    Bit{0x20, "stackshot-failed-nested", "taking the stackshot caused another panic"},
    Bit{0x40, "nested-panic", "a second panic happened while handling the first"},
    Bit{0x80, "button-reset", "somebody held the power button"},
    Bit{0x100, "companion-initiated", "a companion processor asked for the panic"},
    Bit{0x200, "coredump-failed", "the core dump failed"},
    Bit{0x400, "stackshot-compress-failed", "the stackshot could not be compressed"},
    Bit{0x800, "stackshot-compressed", "the stackshot is compressed"},
    Bit{0x1000, "encrypted-coredump-skipped", "the encrypted core dump was skipped"},
    Bit{0x2000, "coredump-regions-unavailable", "no list of regions to keep out of the core dump"},
    Bit{0x4000, "corefile-unlinked", "the core file was unlinked"},
    Bit{0x8000, "paniclog-incoherent", "the log's checksum is wrong: do not trust every character"},
    Bit{0x10000, "exclave-panic", "an exclave panicked"},
    Bit{0x20000, "userspace-initiated", "a process asked for the panic"},
    Bit{0x40000, "coprocessor-initiated", "a coprocessor of the SoC asked for the panic"},
};

// Source: xnu osfmk/kern/debug.h, MACOS_PANIC_HEADER_FLAG_*.
constexpr std::array kIntelBits{
    Bit{0x1, "nested-panic", "a second panic happened while handling the first"},
    Bit{0x2, "companion-initiated", "the companion processor (T2) asked for the panic"},
    Bit{0x4, "stackshot-succeeded", "the stackshot is complete"},
    Bit{0x8, "stackshot-compressed", "the stackshot is compressed"},
    Bit{0x10, "stackshot-failed-sync", "no stackshot: a processor did not stop for it"},
    Bit{0x20, "stackshot-failed-error", "no stackshot: taking it failed"},
    Bit{0x40, "stackshot-incomplete", "the stackshot ran out of space"},
    Bit{0x80, "stackshot-failed-nested", "taking the stackshot caused another panic"},
    Bit{0x100, "coredump-complete", "a core dump was written"},
    Bit{0x200, "coredump-failed", "the core dump failed"},
    Bit{0x400, "stackshot-kernel-only", "the stackshot holds kernel threads only"},
    Bit{0x800, "stackshot-compress-failed", "the stackshot could not be compressed"},
    Bit{0x1000, "encrypted-coredump-skipped", "the encrypted core dump was skipped"},
    Bit{0x2000, "coredump-regions-unavailable", "no list of regions to keep out of the core dump"},
    Bit{0x4000, "corefile-unlinked", "the core file was unlinked"},
    Bit{0x8000, "paniclog-incoherent", "the log's checksum is wrong: do not trust every character"},
    Bit{0x10000, "userspace-initiated", "a process asked for the panic"},
    Bit{0x20000, "coprocessor-initiated", "a coprocessor of the SoC asked for the panic"},
};

void run(const Input& input, Facts& facts) {
  if (!input.report.panic || !input.report.panic->flags) return;
  const Panic& panic = *input.report.panic;
  const std::uint64_t word = panic.flags->value;
  const std::span<const Bit> bits =
      panic.flags_are_intel ? std::span<const Bit>(kIntelBits) : std::span<const Bit>(kArmBits);

  Fact fact(kSchema);
  std::vector<std::string> names;
  std::uint64_t unknown = word;
  for (const Bit& bit : bits) {
    if ((word & bit.mask) == 0) continue;
    unknown &= ~bit.mask;
    names.emplace_back(bit.name);
    fact.decoded.push_back({hex(bit.mask), std::string(bit.name), std::string(bit.meaning)});
  }
  if (unknown != 0)
    fact.decoded.push_back({hex(unknown), "unknown", "bits without a known meaning"});

  fact.set("value", Value::hex(word));
  fact.set("bits", Value::list(std::move(names)));
  fact.set("layout", Value::text(panic.flags_are_intel ? "intel" : "arm"));
  fact.because.push_back({"the report's flag word is " + hex(word), panic.flags->where, {}, {}});
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kPanicFlags{"panic_flags", kSchemas, run};

}  // namespace panicscan::analysis
