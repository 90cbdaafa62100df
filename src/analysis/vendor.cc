#include "analysis/vendor.h"

#include "base/uuid.h"

namespace panicscan::analysis {

std::string_view vendor_of(std::string_view image) {
  if (image == "kernel" || image == "kernelcache" || image.starts_with("com.apple."))
    return "apple";
  if (image == "__kernel__" || image == "mach_kernel") return "apple";
  const bool is_bundle = image.find('.') != std::string_view::npos &&
                         image.find('/') == std::string_view::npos && !parse_uuid(image);
  return is_bundle ? "third_party" : "unknown";
}

std::string_view vendor_of_dext(std::string_view bundle, std::string_view path) {
  if (path.starts_with("/System/")) return "apple";
  if (path.starts_with("/Library/SystemExtensions/")) return "third_party";
  return vendor_of(bundle);
}

}  // namespace panicscan::analysis
