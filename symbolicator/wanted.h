#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "model/placement.h"
#include "model/report.h"
#include "model/symbols.h"
#include "symbolicator/address_map.h"

namespace panicscan::symbols {

/// One address of the report that lies in an image.
struct WantedAddress {
  CodeAddress code;
  AddressKind kind = AddressKind::pc;
  std::uint32_t target = 0;  ///< position among all targets, see WantedAddresses
};

/// An image of the report and the addresses in it.
struct WantedImage {
  std::string name;  ///< "kernel", a bundle id, a path, or the UUID
  std::optional<Uuid> uuid;
  bool in_kernel_space = false;
  bool is_guess = false;  ///< some of its addresses are placed by the next lower base only
  std::vector<WantedAddress> addresses;
};

/// An address that is no frame.
struct OtherAddress {
  Address address;
  AddressKind kind = AddressKind::pc;
  Placement placement;
};

/// Everything in a report that can be looked up. A target is a frame (numbers below frames) or one
/// of the other addresses (numbers from there on).
struct WantedAddresses {
  std::uint32_t frames = 0;
  std::vector<OtherAddress> others;  ///< ascending, none twice
  std::vector<WantedImage> images;
  std::vector<SymbolStatus> status;  ///< for each target: why it cannot be looked up, or not yet
};

/// Groups the frames of the stacks, the registers that hold code addresses, the caller of panic()
/// and the continuations of threads by image.
WantedAddresses collect(const Report& report, std::span<const Placement> placements);

}  // namespace panicscan::symbols
