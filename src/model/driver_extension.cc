#include "model/driver_extension.h"

#include <algorithm>

#include "model/vendor.h"

namespace panicscan {

bool is_driver_extension(const Process& process) {
  const std::string& name = process.name;
  if (name.starts_with("com.apple.DriverKit") || name.starts_with("com.apple.driver.")) return true;
  // Daemons are named like words; a bundle id of somebody else's is an extension of some kind.
  const auto dots = std::ranges::count(name, '.');
  return is_third_party(name) && dots >= 2 && !name.ends_with(".xpc");
}

bool is_cut_name_of(std::string_view process, std::string_view whole) {
  constexpr std::size_t kLongest = 32;
  return process.size() == kLongest && whole.starts_with(process);
}

}  // namespace panicscan
