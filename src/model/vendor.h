#pragma once

#include <string_view>

namespace panicscan {

/// Whose code something is, as far as its name tells.
enum class Vendor { apple, third_party, unknown };

/// From a bundle id, image name or path: com.apple.*, the kernel and the system volume are
/// Apple's; another bundle id, and what lies under /Library, is not; a bare word, a UUID, a library
/// without its path or nothing at all says nothing.
Vendor vendor_of(std::string_view name);

/// The same for a driver extension, where the path settles it: Apple's are on the sealed system
/// volume, all others under /Library/SystemExtensions.
Vendor vendor_of_dext(std::string_view bundle, std::string_view path);

inline bool is_apple(std::string_view name) { return vendor_of(name) == Vendor::apple; }
inline bool is_third_party(std::string_view name) { return vendor_of(name) == Vendor::third_party; }

}  // namespace panicscan
