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
/// Source: the slide lines of xnu osfmk/kern/debug.c; all vectors in placement_test.cc.
class Placer {
 public:
  explicit Placer(const Report& report);
  Placement place(Address address, AddressSpace space,
                  std::optional<Index<Image>> stated = std::nullopt) const;
  /// The address with PAC and tag bits removed (bit 55 decides between kernel and user).
  /// Source: Arm ARM, AddPAC/Auth; number of address bits: xnu osfmk/mach/arm/vm_param.h.
  Address strip(Address address) const;
  /// Whether the address, stripped, is a canonical kernel address of this machine.
  bool is_kernel_address(Address address) const;

 private:
  struct Range {
    Address start, last;
    std::string name;
    std::optional<Uuid> uuid;
    std::optional<Index<Image>> index;
    bool is_guess = false;
  };
  const Report* report_;
  std::vector<Range> slid_;    ///< ranges for panic-text addresses, sorted
  std::vector<Range> unslid_;  ///< stackshot kernel rows, sorted
  std::vector<Range> user_;    ///< stackshot user rows, sorted
  int address_bits_ = 41;
};

/// One placement for each frame of the report, in order.
std::vector<Placement> place_frames(const Report& report);

}  // namespace panicscan
