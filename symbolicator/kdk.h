#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace panicscan::symbols {

// Kernel Debug Kits as Apple's installer leaves them:
//
//   /Library/Developer/KDKs/KDK_15.5_24F74.kdk/
//     System/Library/CoreServices/SystemVersion.plist          ProductBuildVersion: 24F74
//     System/Library/Kernels/kernel.release.t6000{,.dSYM}
//     System/Library/Extensions/IOPCIFamily.kext{,.dSYM}
//
// A copy may be called anything, so the folders inside are looked at, too.

/// A KDK and the build of macOS it is for.
struct Kdk {
  std::string root;
  std::string build;    ///< "24F74"; empty when nothing says
  std::string problem;  ///< what is wrong with it, one sentence; else empty
};

/// The KDK that a file lies in, by its path; empty when it lies in none.
std::string_view kdk_root_of(std::string_view path);

/// Reads which build a KDK is for: from its SystemVersion.plist, else from its name.
Kdk read_kdk(std::string root);

/// The KDKs that `folder` is or holds, sorted; empty when there are none.
std::vector<std::string> kdks_in(const std::string& folder);

}  // namespace panicscan::symbols
