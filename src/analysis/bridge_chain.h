#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/analysis.h"

namespace panicscan::analysis {

/// "apciec0" of "dart-apciec0": the entry of the controller whose devices a DART serves.
std::string controller_of_dart(const std::string& dart);

/// The PCI devices below the first entry of that name that are no bridges, in the order of the
/// dump; none when there is no such entry.
std::vector<std::uint32_t> pci_devices_below(const DeviceTree& tree, const std::string& root);

/// The bridges between a port that a panic names and its devices.
extern const Analysis kBridgeChain;

}  // namespace panicscan::analysis
