#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"

namespace panicscan::symbols {

// What the path of a symbol file says. Trees made for symbol servers need no search of their own:
// they are searched like any folder, since it is the header that says which UUID a file has.

/// The UUID a path stands for in a tree that LLDB reads (DBGFileMappedPaths), or in the unified
/// layout; nothing elsewhere:
///
///   1111/2222/3333/4444/5555/666666666666[.app]
///   11/112222333344445555666666666666/debuginfo, or …/executable; the first two digits may be
///   left out of the second folder
std::optional<Uuid> uuid_in_path(std::string_view path);

/// What people call the image in a file: "kernel.release.t6000"; empty in trees sorted by UUID.
std::string image_name_of(std::string_view path);

/// Where the Info.plist of the bundle that a file is the executable of would be; empty when the
/// file stands in no bundle.
std::string info_plist_of(std::string_view path);

/// Where macOS and Xcode keep symbols: folders that may or may not exist.
///
/// `home` is the user's home folder. DerivedData is searched in its products only.
std::vector<std::string> standard_places(const std::string& home);

}  // namespace panicscan::symbols
