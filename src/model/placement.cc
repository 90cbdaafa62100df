#include "model/placement.h"

#include <algorithm>
#include <array>
#include <map>

namespace panicscan {

/// What kernel addresses of a platform look like.
/// Source: xnu osfmk/mach/arm/vm_param.h and osfmk/mach/i386/vm_param.h (VM_MIN_KERNEL_ADDRESS,
/// VM_MIN_KERNEL_AND_KEXT_ADDRESS); the code regions follow from the link bases of collections.
struct Placer::Shape {
  int bits = 0;                    ///< significant bits of an address
  bool is_signed = false;          ///< whether pointers may carry PAC or tag bits
  std::uint64_t kernel_begin = 0;  ///< lowest kernel address
  std::uint64_t code_begin = 0;    ///< kernel collections lie between these two,
  std::uint64_t code_last = 0;     ///< heap and stacks do not
  /// How much code behind the kernel's base is taken for the kernel when nothing printed says where
  /// it ends: on arm64 that of Apple's kexts follows at once; Intel development kernels are large.
  std::uint64_t kernel_size = 0;
};

namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};
/// User addresses are at most this wide, on both architectures.
constexpr std::uint64_t kUserMask = (std::uint64_t{1} << 47) - 1;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

/// How far behind its base an image of the stackshot's table may reach, for want of a size there.
constexpr std::uint64_t reach(ImageKind kind) {
  switch (kind) {
    case ImageKind::kernel:
    case ImageKind::kernel_text_exec:
      return 64 * kMiB;
    case ImageKind::kernelcache:
      return kAll;
    case ImageKind::shared_cache:
      return 8 * 1024 * kMiB;
    default:
      return 1024 * kMiB;
  }
}

/// Where Intel kernels are linked: xnu makedefs/MakeInc.def, KERNEL_TEXT_BASE.
constexpr std::uint64_t kIntelLinkBase = 0xffffff8000200000;

constexpr bool is_kernel_half(Address a) { return ((a.value >> 55) & 1) != 0; }

/// The name of a row of the stackshot's image table: kexts have none there, only a UUID, by which
/// the kext lists of the panic text know them.
std::string row_name(const Report& report, const std::map<Uuid, std::string>& kexts,
                     const Image& image) {
  if (!image.name.empty()) return image.name;
  if (image.kind == ImageKind::jit) return "jit";
  if (image.kind == ImageKind::kernelcache) return "kernelcache";
  if (!image.uuid || image.uuid->is_zero()) return {};
  if (is_unslid(image.kind)) {
    const auto& kernel = report.machine.kernel_uuid;
    if (kernel && kernel->value == *image.uuid) return "kernel";
    if (const auto known = kexts.find(*image.uuid); known != kexts.end()) return known->second;
  }
  return to_string(*image.uuid);
}

PlacementStatus status_in(ImageKind kind) {
  if (kind == ImageKind::absolute) return PlacementStatus::absolute;
  return kind == ImageKind::shared_cache ? PlacementStatus::shared_cache : PlacementStatus::placed;
}

/// One Placement for each image, complete but for offset and unslid.
std::vector<Placement> templates_of(const Report& report) {
  std::map<Uuid, std::string> kexts;
  if (report.panic)
    for (const Kext& kext : report.panic->kexts)
      if (kext.uuid && !kext.uuid->is_zero()) kexts.emplace(*kext.uuid, kext.bundle_id);

  std::vector<Placement> templates;
  templates.reserve(report.images.size());
  for (const Image& image : report.images) {
    Placement as;
    as.status = status_in(image.kind);
    as.image = row_name(report, kexts, image);
    as.uuid = image.uuid;
    as.index = Index<Image>{static_cast<std::uint32_t>(templates.size())};
    as.in_kernel_space = is_unslid(image.kind) || image.kind == ImageKind::kext;
    templates.push_back(std::move(as));
  }
  return templates;
}

template <typename Range>
const Range* range_of(const std::vector<Range>& ranges, Address address) {
  const auto after = std::ranges::upper_bound(ranges, address, {}, &Range::start);
  if (after == ranges.begin()) return nullptr;
  const Range& range = *std::prev(after);
  return address <= range.last ? &range : nullptr;
}

constexpr Address after_at_most(Address start, std::uint64_t bytes) {
  return {start.value > kAll - bytes ? kAll : start.value + bytes - 1};
}

/// Sorts, and of several ranges with one start keeps the first that was added.
template <typename Range>
void sort_and_unite(std::vector<Range>& ranges) {
  std::ranges::stable_sort(ranges, {}, &Range::start);
  const auto same_start = [](const Range& a, const Range& b) { return a.start == b.start; };
  ranges.erase(std::unique(ranges.begin(), ranges.end(), same_start), ranges.end());
}

/// Sorts, and lets each range end before the next begins.
template <typename Range>
void sort_and_end_at_next(std::vector<Range>& ranges) {
  sort_and_unite(ranges);
  for (std::size_t i = 0; i + 1 < ranges.size(); ++i)
    ranges[i].last = std::min(ranges[i].last, Address{ranges[i + 1].start.value - 1});
}

/// Any kernel address that the report prints, to tell platforms apart by; 0 when there is none.
std::uint64_t some_kernel_address(const Report& report, const Panic* panic) {
  if (panic != nullptr) {
    const KernelLayout& layout = panic->layout;
    for (const auto& base :
         {layout.text_exec_base, layout.kernel_text_base, layout.kernelcache_base, panic->caller})
      if (base && is_kernel_half(base->value)) return base->value.value;
    for (const Backtrace& trace : panic->backtraces)
      for (std::uint32_t i = trace.frames.begin; i < trace.frames.end; ++i)
        if (is_kernel_half(report.frames[i].address)) return report.frames[i].address.value;
    for (const RegisterSet& set : panic->registers)
      for (const char* name : {"pc", "rip"})
        if (const auto pc = set.find(name); pc && is_kernel_half({*pc})) return *pc;
  }
  // The stackshot is the first panic's; further ones must not each look through all images.
  if (panic != nullptr && (!report.panic || panic != &*report.panic)) return 0;
  for (const Image& image : report.images)
    if (is_unslid(image.kind) && is_kernel_half(image.base)) return image.base.value;
  return 0;
}

}  // namespace

Placer::Placer(const Report& report) : report_(&report), shape_(choose_shape(report, nullptr)) {
  templates_ = templates_of(report);
  if (report.panic) {
    shape_ = choose_shape(report, &*report.panic);
    add_printed_ranges(*report.panic);
    add_kernel_guess(*report.panic);
  }
  add_stackshot_rows();
}

Placer::Placer(const Report& report, const Panic& panic)
    : report_(&report), shape_(choose_shape(report, &panic)) {
  add_printed_ranges(panic);
  add_kernel_guess(panic);
}

const Placer::Shape* Placer::choose_shape(const Report& report, const Panic* panic) {
  static constexpr Shape kMac{
      41, true, 0xfffffe0000000000, 0xfffffe0000000000, 0xfffffe0fffffffff, 12 * kMiB};
  static constexpr Shape kPhone{38, true, 0xffffffc000000000, 0xfffffff000000000, kAll, 12 * kMiB};
  // Before Big Sur kexts lay below the kernel, from 0xffffff7f80000000 on.
  static constexpr Shape kIntel{
      39, false, 0xffff800000000000, 0xffffff7f00000000, 0xffffff80ffffffff, 32 * kMiB};
  if (report.machine.arch == Arch::x86_64) return &kIntel;
  const std::uint64_t address = some_kernel_address(report, panic);
  if (report.machine.arch == Arch::unknown &&
      ((address >> 32) == 0xffffff80 || (address >> 32) == 0xffffff7f))
    return &kIntel;
  return address >= 0xfffffff000000000 ? &kPhone : &kMac;
}

void Placer::add_printed_ranges(const Panic& panic) {
  const KernelLayout& layout = panic.layout;
  if (const auto& slide = layout.kernelcache_slide ? layout.kernelcache_slide : layout.kernel_slide)
    slide_ = slide->value;

  for (const Kext& kext : panic.kexts) {
    if (!kext.start || kext.start->value == 0) continue;
    Range range{*kext.start, {}, {}};
    range.as.status = PlacementStatus::placed;
    range.as.in_kernel_space = true;
    range.as.image = kext.bundle_id;
    range.as.uuid = kext.uuid;
    range.as.index = kext.image;
    const bool is_started =
        kext.list == KextList::last_started || kext.list == KextList::last_stopped;
    if (is_started) {
      // The address is that of __TEXT: on Intel the whole image, on arm64 no code at all.
      if (!kext.size || *kext.size == 0 || kext.list == KextList::last_stopped) continue;
      range.last = after_at_most(range.start, *kext.size);
      if (shape_->is_signed) range.as.status = PlacementStatus::not_code;
    } else if (kext.last) {
      range.last = *kext.last;  // inclusive, as printed
    } else {
      continue;  // a dependency of old releases, without an end
    }
    if (range.last < range.start) continue;
    printed_.push_back(std::move(range));
  }
  // The templates are there only for the first panic, whose ranges the images are.
  for (std::size_t i = 0; i < templates_.size(); ++i) {
    const Image& image = report_->images[i];
    if (image.kind == ImageKind::kext && image.size && *image.size > 0)
      printed_.push_back({image.base, after_at_most(image.base, *image.size), templates_[i]});
  }
  sort_and_unite(printed_);
}

void Placer::add_kernel_guess(const Panic& panic) {
  const KernelLayout& layout = panic.layout;
  Range kernel;
  if (layout.text_exec_base)
    kernel.start = layout.text_exec_base->value;
  else if (layout.kernel_text_base)
    kernel.start = layout.kernel_text_base->value;
  else if (!shape_->is_signed && layout.kernel_slide)
    kernel.start = {kIntelLinkBase + layout.kernel_slide->value.value};
  else
    return;
  // One kernel linked alone, as on phones before iOS 15: its code follows a long way behind __TEXT.
  constexpr std::uint64_t kLoneKernel = 32 * kMiB;
  const bool is_alone = shape_->is_signed && !layout.text_exec_base && !layout.kernelcache_slide &&
                        !layout.kernelcache_base;
  kernel.last = after_at_most(kernel.start, is_alone ? kLoneKernel : shape_->kernel_size);
  const auto next = std::ranges::upper_bound(printed_, kernel.start, {}, &Range::start);
  if (next != printed_.end()) kernel.last = std::min(kernel.last, Address{next->start.value - 1});
  kernel.as.status = PlacementStatus::placed;
  kernel.as.image = "kernel";
  if (report_->machine.kernel_uuid) kernel.as.uuid = report_->machine.kernel_uuid->value;
  kernel.as.in_kernel_space = true;
  kernel.as.is_guess = true;
  guess_ = std::move(kernel);
}

void Placer::add_stackshot_rows() {
  // A row whose base is that of the kernel's code is the kernel, whatever UUID it has.
  std::optional<Address> kernel;
  if (guess_ && slide_) kernel = Address{guess_->start.value - slide_->value};

  // Without a panic text nothing names the kernel; by custom it is the first of its kind.
  if (!report_->panic && !report_->machine.kernel_uuid) {
    const auto first = std::ranges::find_if(report_->images, [](const Image& image) {
      return image.kind == ImageKind::kernel_text_exec || image.kind == ImageKind::kernel;
    });
    if (first != report_->images.end() && first->name.empty()) {
      Placement& as = templates_[static_cast<std::size_t>(first - report_->images.begin())];
      as.image = "kernel";
      as.is_guess = true;
    }
  }

  for (std::uint32_t i = 0; i < report_->images.size(); ++i) {
    const Image& image = report_->images[i];
    if (image.kind == ImageKind::kext || image.kind == ImageKind::absolute) continue;
    if (kernel && image.base == *kernel && is_unslid(image.kind) &&
        image.kind != ImageKind::kernelcache)
      templates_[i].image = "kernel";
    // Crash reports print sizes, stackshots do not.
    const bool has_size = image.size && *image.size > 0 && !is_unslid(image.kind);
    const std::uint64_t size = has_size ? *image.size : reach(image.kind);
    Range range{image.base, after_at_most(image.base, size), templates_[i]};
    range.as.is_guess = !has_size;
    if (image.kind == ImageKind::kernelcache)
      collections_.push_back(std::move(range));
    else if (image.kind == ImageKind::shared_cache && has_size)
      caches_.push_back(std::move(range));
    else if (is_unslid(image.kind))
      rows_.push_back(std::move(range));
    else
      user_.push_back(std::move(range));
  }
  sort_and_end_at_next(rows_);
  sort_and_end_at_next(collections_);
  sort_and_end_at_next(user_);
  sort_and_end_at_next(caches_);
}

Address Placer::strip(Address address) const {
  if (!shape_->is_signed) return address;
  const std::uint64_t low = (std::uint64_t{1} << shape_->bits) - 1;
  return is_kernel_half(address) ? Address{address.value | ~low} : Address{address.value & low};
}

bool Placer::is_kernel_address(Address address) const {
  return is_kernel_half(address) && strip(address).value >= shape_->kernel_begin;
}

bool Placer::is_code_region(Address address) const {
  const std::uint64_t value = strip(address).value;
  return value >= shape_->code_begin && value <= shape_->code_last;
}

Placement Placer::finish(const Range& range, Address address, Address unslid) const {
  Placement placement = range.as;
  placement.offset = address - range.start;
  if (placement.in_kernel_space) placement.unslid = unslid;
  return placement;
}

Placement Placer::place_slid(Address address) const {
  Placement unknown;
  if (!is_kernel_address(address)) {
    // A user address in a panic text (initproc's stacks), or what was a pointer once.
    const bool is_user = address.value >= 0x1000 && address.value <= kUserMask;
    unknown.status = is_user ? PlacementStatus::no_image : PlacementStatus::not_code;
    return unknown;
  }
  const Address stripped = strip(address);
  const Slide slide = slide_.value_or(Slide{});
  const Address unslid{stripped.value - slide.value};
  if (const Range* range = range_of(printed_, stripped)) return finish(*range, stripped, unslid);
  if (slide_) {
    if (const Range* row = range_of(rows_, unslid)) return finish(*row, unslid, unslid);
  }
  if (guess_ && stripped >= guess_->start && stripped <= guess_->last)
    return finish(*guess_, stripped, unslid);
  unknown.in_kernel_space = true;
  if (slide_) unknown.unslid = unslid;
  if (!is_code_region(stripped)) unknown.status = PlacementStatus::not_code;
  return unknown;
}

Placement Placer::place_unslid(Address address) const {
  Placement unknown;
  unknown.in_kernel_space = true;
  unknown.unslid = address;
  if (!is_kernel_address(address)) {
    // The kernel writes 0 for an address that is in no kext: VM_KERNEL_UNSLIDE.
    unknown.status = PlacementStatus::not_code;
    return unknown;
  }
  const Address stripped = strip(address);
  if (const Range* row = range_of(rows_, stripped)) return finish(*row, stripped, stripped);
  if (!is_code_region(stripped))
    unknown.status = PlacementStatus::not_code;
  else if (const Range* row = range_of(collections_, stripped))
    return finish(*row, stripped, stripped);
  return unknown;
}

Placement Placer::place_user(Address address) const {
  Placement unknown;
  const Address stripped{address.value & kUserMask};
  const bool is_kernel = is_kernel_half(address);
  if (address.value < 0x1000 || is_kernel) {
    unknown.status = PlacementStatus::not_code;
    return unknown;
  }
  if (const Range* range = range_of(user_, stripped)) return finish(*range, stripped, stripped);
  if (const Range* cache = range_of(caches_, stripped)) return finish(*cache, stripped, stripped);
  return unknown;
}

Placement Placer::place_stated(Address address, AddressSpace space, std::uint32_t image) const {
  const ImageKind kind = report_->images[image].kind;
  // The whole collection is a last resort: a row of the kernel or a kext says more.
  if (kind == ImageKind::kernelcache) {
    const Placement placement = place_unslid(address);
    if (placement.index) return placement;
  }
  Placement placement = templates_[image];
  placement.offset = address - report_->images[image].base;
  if (space != AddressSpace::user && placement.in_kernel_space)
    placement.unslid =
        is_unslid(kind) || !slide_ ? address : Address{address.value - slide_->value};
  if (placement.status == PlacementStatus::absolute)
    placement.in_kernel_space = space != AddressSpace::user;
  return placement;
}

Placement Placer::place(Address address, AddressSpace space,
                        std::optional<Index<Image>> stated) const {
  if (stated && stated->value < templates_.size())
    return place_stated(address, space, stated->value);
  switch (space) {
    case AddressSpace::panic_text:
      return place_slid(address);
    case AddressSpace::stackshot_kernel:
      return place_unslid(address);
    case AddressSpace::user:
      return place_user(address);
  }
  return {};
}

}  // namespace panicscan
