#include "symbolicator/wanted.h"

#include <algorithm>
#include <array>
#include <map>

namespace panicscan::symbols {
namespace {

struct RegisterRow {
  std::string_view name;
  AddressKind kind;
};
/// The registers that say where the code was.
constexpr std::array kCodeRegisters{
    RegisterRow{"pc", AddressKind::pc}, RegisterRow{"rip", AddressKind::pc},
    RegisterRow{"eip", AddressKind::pc}, RegisterRow{"lr", AddressKind::return_address}};

constexpr SymbolStatus status_of(PlacementStatus status) {
  switch (status) {
    case PlacementStatus::placed:
      return SymbolStatus::not_looked_up;
    case PlacementStatus::shared_cache:
      return SymbolStatus::shared_cache;
    case PlacementStatus::no_image:
    case PlacementStatus::absolute:
    case PlacementStatus::not_code:
      return SymbolStatus::no_image;
  }
  return SymbolStatus::no_image;
}

/// Puts addresses into the groups of their images.
class Collector {
 public:
  explicit Collector(const Report& report)
      : report_(report), by_index_(report.images.size(), kUnknown) {}

  void add(std::uint32_t target, const Placement& placement, AddressKind kind, const Panic* panic);
  std::vector<WantedImage> take() { return std::move(images_); }

  std::vector<SymbolStatus> status;

 private:
  static constexpr std::size_t kUnknown = ~std::size_t{0};

  std::size_t group(const Placement& placement);

  const Report& report_;
  std::vector<std::size_t> by_index_;
  std::map<Uuid, std::size_t> by_uuid_;
  std::map<std::string, std::size_t> by_name_;
  std::vector<WantedImage> images_;
};

std::size_t Collector::group(const Placement& placement) {
  const bool has_index = placement.index && placement.index->value < by_index_.size();
  if (has_index && by_index_[placement.index->value] != kUnknown)
    return by_index_[placement.index->value];
  // A kext can be known by a printed range and by a row of the stackshot: one image all the same.
  const bool has_uuid = placement.uuid && !placement.uuid->is_zero();
  const auto [known, is_new] =
      has_uuid ? [&] {
        const auto at = by_uuid_.try_emplace(*placement.uuid, images_.size());
        return std::pair(at.first->second, at.second);
      }()
               : [&] {
                   const auto at = by_name_.try_emplace(placement.image, images_.size());
                   return std::pair(at.first->second, at.second);
                 }();
  if (is_new) {
    WantedImage& image = images_.emplace_back();
    image.name = placement.image;
    if (has_uuid) image.uuid = placement.uuid;
    image.in_kernel_space = placement.in_kernel_space;
  }
  if (has_index) by_index_[placement.index->value] = known;
  return known;
}

void Collector::add(std::uint32_t target, const Placement& placement, AddressKind kind,
                    const Panic* panic) {
  status[target] = status_of(placement.status);
  const auto code = code_address(report_, panic, placement, kind);
  if (!code) {
    if (placement.status == PlacementStatus::placed) status[target] = SymbolStatus::no_image;
    return;
  }
  WantedImage& image = images_[group(placement)];
  image.is_guess = image.is_guess || placement.is_guess;
  image.addresses.push_back({*code, kind, target});
}

std::vector<OtherAddress> other_addresses(const Report& report) {
  std::vector<OtherAddress> found;
  const Placer placer(report);
  const auto add = [&](Address address, AddressKind kind) {
    found.push_back({address, kind, placer.place(address, AddressSpace::panic_text)});
  };
  if (report.panic) {
    const Panic& panic = *report.panic;
    if (panic.caller) add(panic.caller->value, AddressKind::return_address);
    for (const RegisterSet& set : panic.registers)
      for (const RegisterRow& row : kCodeRegisters)
        if (const auto value = set.find(row.name)) add({*value}, row.kind);
    for (const Core& core : panic.cores) {
      if (core.pc) add(*core.pc, AddressKind::pc);
      if (core.lr) add(*core.lr, AddressKind::return_address);
      if (core.retired) add(*core.retired, AddressKind::pc);
    }
  }
  for (const Thread& thread : report.threads) {
    if (!thread.continuation) continue;
    const Frame& frame = *thread.continuation;
    found.push_back({frame.address, AddressKind::pc,
                     placer.place(frame.address, AddressSpace::stackshot_kernel, frame.image)});
  }
  std::ranges::stable_sort(found, {}, &OtherAddress::address);
  const auto same = [](const OtherAddress& a, const OtherAddress& b) {
    return a.address == b.address;
  };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

}  // namespace

WantedAddresses collect(const Report& report, std::span<const Placement> placements) {
  WantedAddresses wanted;
  wanted.frames = static_cast<std::uint32_t>(std::min(report.frames.size(), placements.size()));
  wanted.others = other_addresses(report);

  // Which panic a frame's placement rests on: the first, unless it is one of the further ones'.
  std::vector<const Panic*> panic_of(wanted.frames, report.panic ? &*report.panic : nullptr);
  for (const Panic& panic : report.further_panics)
    for (const Backtrace& trace : panic.backtraces)
      for (auto i = trace.frames.begin; i < std::min(trace.frames.end, wanted.frames); ++i)
        panic_of[i] = &panic;

  Collector collector(report);
  collector.status.resize(wanted.frames + wanted.others.size());
  for (std::uint32_t i = 0; i < wanted.frames; ++i)
    collector.add(i, placements[i], report.frames[i].kind, panic_of[i]);
  for (std::uint32_t i = 0; i < wanted.others.size(); ++i)
    collector.add(wanted.frames + i, wanted.others[i].placement, wanted.others[i].kind,
                  report.panic ? &*report.panic : nullptr);
  wanted.status = std::move(collector.status);
  wanted.images = collector.take();
  return wanted;
}

}  // namespace panicscan::symbols
