#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/device_tree.h"

namespace panicscan::analysis {

/// A registry dump prepared for questions: children, names, and the handles of mappers.
class DeviceIndex {
 public:
  explicit DeviceIndex(const DeviceTree& tree);

  const std::vector<DeviceNode>& nodes() const { return tree_->nodes; }
  /// The entries of that name, whatever their location.
  const std::vector<std::uint32_t>& named(std::string_view name) const;
  /// The entries whose DMA goes through the mapper of that handle ("iommu-parent").
  const std::vector<std::uint32_t>& behind_mapper(std::uint64_t handle) const;
  /// The first driver extension at the entry or below it; nothing when there is none.
  std::optional<std::uint32_t> driver_extension_below(std::uint32_t node) const;
  /// Whether nothing below the entry is busy: it is busy for itself.
  bool is_busy_leaf(std::uint32_t node) const;
  /// "…/apciec1/pci-bridge0/pci1000,97": the last entries of the way from the root.
  std::string path(std::uint32_t node) const;
  /// A property of the entry or of the nearest one above it that has it; null when none has.
  const std::string* inherited(std::uint32_t node, std::string_view property) const;

 private:
  const DeviceTree* tree_;
  std::map<std::string_view, std::vector<std::uint32_t>> by_name_;
  std::map<std::uint64_t, std::vector<std::uint32_t>> by_mapper_;
  std::vector<std::uint32_t> first_dext_;  ///< index + 1 of the first at or below; 0 = none
  std::vector<bool> has_busy_child_;
};

/// The name of an entry without its location.
std::string_view bare_name(const DeviceNode& node);
/// The location behind the name ("11" of "mapper-apcie0-piodma@11"); empty when there is none.
std::string_view location(const DeviceNode& node);
/// Text in quotes without them.
std::string unquoted(const std::string* property);
/// A property as a number: decimal, or the first four bytes of data, least first; nothing for
/// anything else. Source: IOKitTools ioreg.tproj/ioreg.c, cfdatashow().
std::optional<std::uint64_t> number_of(const std::string* property);
/// Whether the entry is the kernel's object of a service of a driver extension.
bool is_driver_extension(const DeviceNode& node);

}  // namespace panicscan::analysis
