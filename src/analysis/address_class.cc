#include "analysis/address_class.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace panicscan::analysis {
namespace {

/// Offsets of members behind a null pointer are smaller than this; nothing is ever mapped there.
constexpr std::uint64_t kNearNull = 0x10000;
constexpr std::uint64_t kUserLast = 0x7fffffffffff;
/// Where device virtual addresses of PCIe and Thunderbolt devices begin, and 32 bits end.
constexpr std::uint64_t kIovaFirst = 0x80000000, kIovaLast = 0xffffffff;

/// Values that software fills memory with, as they appear in half an address.
constexpr std::array kPoison{0xdeadbeefU, 0xdeadc0deU, 0xdeadbeeeU, 0xbaadf00dU,
                             0xc0ffee00U, 0xc0ffeeeeU, 0xfeedfaceU, 0xdeadd00dU};

constexpr bool is_poison(std::uint64_t address) {
  const auto high = static_cast<std::uint32_t>(address >> 32);
  const auto low = static_cast<std::uint32_t>(address);
  // Member offsets are added to a poisoned pointer, so the low half is only roughly the pattern.
  for (const std::uint32_t pattern : kPoison)
    if (high == pattern || (high >> 8) == (pattern >> 8) || (high == 0 && low == pattern))
      return true;
  // All ones is what a device that is gone reads as, and what -1 looks like.
  if (address >= 0xfffffffffffff000) return true;
  const std::uint64_t byte = address & 0xff;
  const bool is_text = byte >= 0x20 && byte <= 0x7e && byte != 0x5a;
  return byte != 0 && !is_text && address == byte * 0x0101010101010101;
}
static_assert(is_poison(0xdeadbeefdeadbeef) && is_poison(0x5a5a5a5a5a5a5a5a));
static_assert(is_poison(0xc0ffee340fc235fc) && !is_poison(0xfffffe1234567890));
static_assert(!is_poison(0x4141414141414141));

/// Eight printable characters, or six where the upper two bytes are those of a user pointer.
constexpr bool is_ascii(std::uint64_t address) {
  const int bytes = (address >> 48) == 0 ? 6 : 8;
  for (int i = 0; i < bytes; ++i) {
    const auto c = static_cast<unsigned char>(address >> (8 * i));
    if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}
static_assert(is_ascii(0x4141414141414141) && !is_ascii(0x0000000112150890));

}  // namespace

std::string_view classify_address(std::uint64_t address, const Placer& placer) {
  if (address == 0) return "null";
  if (address < kNearNull) return "near-null";
  if (is_poison(address)) return "poison";
  if (is_ascii(address)) return "ascii";
  if (address >= kIovaFirst && address <= kIovaLast) return "iova";
  if (address <= kUserLast) return "user";
  // Bits 63:56 may hold a memory tag; beyond them a kernel pointer has only ones on top.
  const Address untagged{address | std::uint64_t{0xff} << 56};
  const bool is_kernel_half = (address >> 55 & 1) != 0;
  if (!is_kernel_half || placer.strip(untagged) != untagged ||
      !placer.is_kernel_address(untagged) || (address >> 60) == 0)
    return "non-canonical";
  const Placement place = placer.place(untagged, AddressSpace::panic_text);
  if (place.status == PlacementStatus::placed) return "kernel-text";
  return placer.is_code_region(untagged) ? "kernel" : "kernel-heap";
}

std::string address_meaning(std::string_view address_class, std::uint64_t address) {
  struct Row {
    std::string_view name, meaning;
  };
  static constexpr std::array kRows{
      Row{"null", "a null pointer"},
      Row{"poison", "a fill pattern: memory that was freed, or never initialised"},
      Row{"ascii", "printable characters: text was written over a pointer"},
      Row{"iova", "below 4 GiB, where devices' DMA windows are: not a pointer for the processor"},
      Row{"user", "in the user half: the kernel used a user pointer or a number as a pointer"},
      Row{"kernel-text", "inside code that is loaded: code and constants cannot be written"},
      Row{"kernel-heap", "a kernel address outside the code: heap, stack or a mapping"},
      Row{"kernel", "in the region of kernel code, but in no image of the report"},
      Row{"non-canonical",
          "no address at all: an overwritten pointer, or one whose signature failed"},
  };
  if (address_class == "near-null")
    return "a null pointer plus " + hex(address) + ": the member at that offset of an object";
  const auto found = std::ranges::find(kRows, address_class, &Row::name);
  return found == kRows.end() ? std::string() : std::string(found->meaning);
}

}  // namespace panicscan::analysis
