#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/report.h"

namespace panicscan {

/// Whether an address could be attributed to a piece of code, and if not why.
enum class PlacementStatus {
  placed,        ///< lies in the image named
  no_image,      ///< a code address, but no image of the report covers it
  shared_cache,  ///< in the dyld shared cache as a whole
  absolute,      ///< belongs to no image by the report's own word
  not_code,      ///< not canonical, zero, or a data pointer: never symbolicate
};

/// Which code an address lies in. Addresses keep the report's number; this says how to read it.
struct Placement {
  PlacementStatus status = PlacementStatus::no_image;
  std::string image;  ///< "kernel", bundle id, image name or uuid; "" when unknown
  std::optional<Uuid> uuid;
  bool in_kernel_space = false;
  Offset offset;                      ///< from the start of the image's (text exec) range
  std::optional<Address> unslid;      ///< the address minus the kernelcache slide (kernel side)
  std::optional<Index<Image>> index;  ///< the Report's image, when it has one
  bool is_guess = false;              ///< by the next lower base only, without a printed size
};

/// Which side of the arithmetic an address is on.
enum class AddressSpace { panic_text, stackshot_kernel, user };

/// Places addresses of one report; built once, then each lookup is a binary search.
///
/// Exact ranges (kexts printed with both ends) win over rows of the stackshot's image table (a base
/// without a size), and those over the guess that what follows the kernel's base is the kernel.
/// Source: the slide lines of xnu osfmk/kern/debug.c; all vectors in placement_test.cc.
class Placer {
 public:
  explicit Placer(const Report& report);
  /// For one of several panics in a file: another boot, so other slides; knows no stackshot.
  Placer(const Report& report, const Panic& panic);

  Placement place(Address address, AddressSpace space,
                  std::optional<Index<Image>> stated = std::nullopt) const;
  /// The address with PAC and tag bits removed (bit 55 decides between kernel and user). Intel
  /// processors sign nothing, so there it stays as it is.
  /// Source: Arm ARM, AddPAC/Auth; number of address bits: xnu osfmk/mach/arm/vm_param.h.
  Address strip(Address address) const;
  /// Whether the address, stripped, is a canonical kernel address of this machine.
  bool is_kernel_address(Address address) const;
  /// Whether kernel or kext code can lie there at all: the heap and the stacks are elsewhere.
  bool is_code_region(Address address) const;

 private:
  struct Range {
    Address start, last;  ///< last is inclusive
    Placement as;         ///< all but offset and unslid
  };
  struct Shape;  ///< what addresses of a platform look like

  static const Shape* choose_shape(const Report& report, const Panic* panic);
  void add_printed_ranges(const Panic& panic);
  void add_kernel_guess(const Panic& panic);
  void add_stackshot_rows();
  Placement place_slid(Address address) const;
  Placement place_unslid(Address address) const;
  Placement place_user(Address address) const;
  Placement place_stated(Address address, AddressSpace space, std::uint32_t image) const;
  Placement finish(const Range& range, Address address, Address unslid) const;

  const Report* report_;
  const Shape* shape_;
  std::optional<Slide> slide_;        ///< of the kernel collection, or of a lone kernel
  std::vector<Range> printed_;        ///< slid, sorted by start
  std::optional<Range> guess_;        ///< the kernel, slid, end unknown
  std::vector<Range> rows_;           ///< stackshot rows of kernel and kexts, unslid, sorted
  std::vector<Range> collections_;    ///< kernelcache rows, unslid, sorted
  std::vector<Range> user_;           ///< images of processes, sorted
  std::vector<Range> caches_;         ///< shared caches whose size is known, sorted
  std::vector<Placement> templates_;  ///< parallel to report.images; not for a further panic
};

/// One placement for each frame of the report, in order.
std::vector<Placement> place_frames(const Report& report);

}  // namespace panicscan
