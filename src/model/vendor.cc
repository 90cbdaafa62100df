#include "model/vendor.h"

#include <algorithm>
#include <array>

#include "base/uuid.h"

namespace panicscan {

Vendor vendor_of(std::string_view name) {
  constexpr std::array<std::string_view, 5> kKernelNames{"kernel", "kernelcache", "kernel_task",
                                                         "mach_kernel", "__kernel__"};
  constexpr std::array<std::string_view, 3> kApplePrefixes{"com.apple.", "/System/", "/usr/lib/"};
  const auto begins = [&](std::string_view prefix) { return name.starts_with(prefix); };
  if (std::ranges::find(kKernelNames, name) != kKernelNames.end()) return Vendor::apple;
  if (std::ranges::any_of(kApplePrefixes, begins)) return Vendor::apple;
  if (name.starts_with("/Library/")) return Vendor::third_party;
  const bool is_bundle_id = name.find('.') != std::string_view::npos &&
                            name.find_first_of("/ ") == std::string_view::npos &&
                            !name.ends_with(".dylib") && !parse_uuid(name);
  return is_bundle_id ? Vendor::third_party : Vendor::unknown;
}

Vendor vendor_of_dext(std::string_view bundle, std::string_view path) {
  const Vendor by_path = vendor_of(path);
  return path.starts_with('/') && by_path != Vendor::unknown ? by_path : vendor_of(bundle);
}

}  // namespace panicscan
