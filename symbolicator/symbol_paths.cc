#include "symbolicator/symbol_paths.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "base/text.h"

namespace panicscan::symbols {
namespace {

namespace fs = std::filesystem;

/// Source: lldb's search order for kernels and kexts (PlatformDarwinKernel), and where Xcode and
/// the system extension manager put what they make.
constexpr std::array<std::string_view, 7> kSystemPlaces{
    "/Library/Developer/KDKs",          "/AppleInternal/Developer/KDKs",
    "/Volumes/KernelDebugKit",          "/Library/Extensions",
    "/Library/SystemExtensions",        "/System/Library/Kernels",
    "/System/Library/KernelCollections"};

/// The last `count` parts of a path, last first; empty ones when there are fewer.
template <std::size_t count>
std::array<std::string_view, count> last_parts(std::string_view path) {
  std::array<std::string_view, count> parts;
  for (std::string_view& part : parts) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) {
      part = path;
      break;
    }
    part = path.substr(slash + 1);
    path = path.substr(0, slash);
  }
  return parts;
}

}  // namespace

std::optional<Uuid> uuid_in_path(std::string_view path) {
  const auto parts = last_parts<6>(path);
  if (parts[0] == "debuginfo" || parts[0] == "executable") {
    if (const auto whole = parse_uuid(parts[1])) return whole;
    if (parts[2].size() != 2) return std::nullopt;
    return parse_uuid(std::string(parts[2]) + std::string(parts[1]));
  }
  std::string_view last = parts[0];
  if (last.ends_with(".app")) last.remove_suffix(4);
  if (last.size() != 12) return std::nullopt;
  std::string digits;
  for (std::size_t i = parts.size() - 1; i > 0; --i) {
    if (parts[i].size() != 4) return std::nullopt;
    digits += parts[i];
  }
  return parse_uuid(digits.append(last));
}

std::string image_name_of(std::string_view path) {
  if (uuid_in_path(path)) return {};
  return std::string(path.substr(path.rfind('/') + 1));
}

std::string info_plist_of(std::string_view path) {
  const auto parts = last_parts<4>(path);
  // X.dSYM/Contents/Resources/DWARF/X and X.kext/Contents/MacOS/X have theirs in Contents; flat
  // bundles (dexts, the kexts of iOS) beside the executable.
  const std::size_t folder = path.size() - parts[0].size();
  if (parts[1] == "DWARF" && parts[2] == "Resources" && parts[3] == "Contents")
    return std::string(path.substr(0, folder - std::string_view("Resources/DWARF/").size())) +
           "Info.plist";
  if (parts[1] == "MacOS" && parts[2] == "Contents")
    return std::string(path.substr(0, folder - std::string_view("MacOS/").size())) + "Info.plist";
  if (parts[1].ends_with(".dext") || parts[1].ends_with(".kext"))
    return std::string(path.substr(0, folder)) + "Info.plist";
  return {};
}

std::vector<std::string> standard_places(const std::string& home) {
  std::vector<std::string> places(kSystemPlaces.begin(), kSystemPlaces.end());
  if (home.empty()) return places;
  const std::string xcode = home + "/Library/Developer/Xcode";
  places.push_back(xcode + "/Archives");
  std::error_code error;
  for (fs::directory_iterator entry(xcode + "/DerivedData", error), end; !error && entry != end;
       entry.increment(error))
    places.push_back(entry->path().string() + "/Build/Products");
  std::ranges::sort(places);
  return places;
}

}  // namespace panicscan::symbols
