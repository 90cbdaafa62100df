#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/source_ref.h"
#include "model/ids.h"

namespace panicscan {

/// An entry of the I/O registry, as `ioreg -l` prints it.
struct DeviceNode {
  std::optional<Index<DeviceNode>> parent;  ///< always an earlier one
  std::string name;                         ///< with location: "pci-bridge0@0"
  std::string class_name;
  std::optional<std::uint64_t> id;  ///< registry entry id
  bool is_registered = false, is_matched = false, is_active = true;
  std::optional<std::uint32_t> busy;     ///< busy count
  std::optional<std::uint64_t> busy_ms;  ///< how long it has been busy in all
  std::optional<std::uint32_t> retain;
  std::vector<std::pair<std::string, std::string>> properties;  ///< as printed, in order
  SourceRef where;

  /// The value of a property as printed; null when the entry has none of that name.
  const std::string* find(std::string_view property) const;
};

/// A registry plane: nodes in document order, parents first.
struct DeviceTree {
  std::vector<DeviceNode> nodes;
};

}  // namespace panicscan
