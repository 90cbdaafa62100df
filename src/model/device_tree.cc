#include "model/device_tree.h"

namespace panicscan {

const std::string* DeviceNode::find(std::string_view property) const {
  for (const auto& [key, value] : properties)
    if (key == property) return &value;
  return nullptr;
}

}  // namespace panicscan
