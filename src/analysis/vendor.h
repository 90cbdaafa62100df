#pragma once

#include <string_view>

namespace panicscan::analysis {

/// Whose code an image or bundle is, by its name alone: "apple" for com.apple.* and the kernel,
/// "third_party" for any other bundle id, "unknown" for a UUID, a path or nothing.
std::string_view vendor_of(std::string_view image);

inline bool is_third_party(std::string_view image) { return vendor_of(image) == "third_party"; }

/// The same for a driver extension, where the path settles it: Apple's are on the sealed system
/// volume, all others under /Library/SystemExtensions.
std::string_view vendor_of_dext(std::string_view bundle, std::string_view path);

}  // namespace panicscan::analysis
