#include "symbolicator/address_map.h"

#include <algorithm>

namespace panicscan::symbols {
namespace {

/// User addresses are at most this wide; above may be a signature.
constexpr std::uint64_t kUserMask = (std::uint64_t{1} << 47) - 1;

const Segment* segment(const MachImage& image, std::string_view name) {
  const auto found = std::ranges::find(image.segments, name, &Segment::name);
  return found == image.segments.end() ? nullptr : &*found;
}

const Segment* anchor_segment(const MachImage& image, Anchor anchor) {
  const Segment* code = anchor == Anchor::code ? segment(image, "__TEXT_EXEC") : nullptr;
  return code != nullptr ? code : segment(image, "__TEXT");
}

/// How the offset of a placement in one of the report's images counts; nothing for images that are
/// no file.
std::optional<Anchor> anchor_of(ImageKind kind) {
  switch (kind) {
    case ImageKind::kernel_text_exec:
    case ImageKind::kext:  // the whole image on Intel, whose images have no __TEXT_EXEC
      return Anchor::code;
    case ImageKind::kernel:
    case ImageKind::kernelcache:
    case ImageKind::process:
    case ImageKind::cached_library:
    case ImageKind::other:
      return Anchor::text;
    case ImageKind::shared_cache:
    case ImageKind::absolute:
    case ImageKind::jit:
      return std::nullopt;
  }
  return std::nullopt;
}

/// The kernel is placed by its best base, see Placer::add_kernel_guess.
CodeAddress kernel_address(const Panic* panic, const Placement& placement) {
  if (panic != nullptr && panic->layout.text_exec_base)
    return {Anchor::code, placement.offset.value};
  if (panic != nullptr && panic->layout.kernel_text_base)
    return {Anchor::text, placement.offset.value};
  // A lone Intel kernel: its slide moves all of it.
  return {Anchor::linked, placement.unslid.value_or(Address{}).value};
}

}  // namespace

std::optional<CodeAddress> code_address(const Report& report, const Panic* panic,
                                        const Placement& placement, AddressKind kind) {
  if (placement.status != PlacementStatus::placed) return std::nullopt;
  CodeAddress address;
  if (placement.index && placement.index->value < report.images.size()) {
    const Image& image = report.images[placement.index->value];
    const auto anchor = anchor_of(image.kind);
    if (!anchor) return std::nullopt;
    address = {*anchor, placement.offset.value};
    if (!placement.in_kernel_space) {
      const std::uint64_t at = (image.base + placement.offset).value & kUserMask;
      address.offset = at - (image.base.value & kUserMask);
    }
  } else if (placement.is_guess) {
    address = kernel_address(panic, placement);
  } else {
    address = {Anchor::code, placement.offset.value};  // a printed range of a kext
  }
  // A return address may lie behind the function that called: after a call that never returns
  // the compiler need not place anything. One byte less is always inside the call.
  if (kind == AddressKind::return_address) --address.offset;
  return address;
}

std::optional<FileAddress> file_address(CodeAddress address, const MachImage& image) {
  if (address.from == Anchor::linked) return FileAddress{address.offset};
  const Segment* base = anchor_segment(image, address.from);
  if (base == nullptr) return std::nullopt;
  return FileAddress{base->address.value + address.offset};
}

bool is_in_code(const MachImage& image, FileAddress address) {
  const bool has_code = std::ranges::any_of(image.segments, &Segment::is_executable);
  return std::ranges::any_of(image.segments, [&](const Segment& s) {
    return (s.is_executable() || !has_code) && s.holds(address);
  });
}

std::optional<FileAddress> end_of_code(const MachImage& image) {
  std::optional<FileAddress> end;
  for (const Segment& s : image.segments)
    if (s.is_executable() && (!end || s.address.value + s.size > end->value))
      end = FileAddress{s.address.value + s.size};
  return end;
}

bool is_plausible_base(Address base, const MachImage& image) {
  constexpr std::uint64_t kSmallestPage = 0x1000;
  const Segment* code = anchor_segment(image, Anchor::code);
  return code == nullptr || (base.value - code->address.value) % kSmallestPage == 0;
}

}  // namespace panicscan::symbols
