#include "symbolicator/remedy.h"

#include <algorithm>
#include <string_view>

namespace panicscan::symbols {
namespace {

constexpr std::size_t kShownBuilds = 4;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

bool is_kernel(const WantedImage& image) { return image.name == "kernel"; }
bool is_in_kdk(const WantedImage& image) {
  return image.in_kernel_space && (is_kernel(image) || image.name.starts_with("com.apple."));
}

/// "25F70, 25E5207k" or "… and 12 more".
std::string list_of(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), kShownBuilds); ++i)
    text += (i == 0 ? "" : ", ") + items[i];
  if (items.size() > kShownBuilds)
    text += " and " + std::to_string(items.size() - kShownBuilds) + " more";
  return text;
}

std::string kdk_sentence(const std::string& what, const Machine& machine,
                         const std::vector<std::string>& kdk_builds) {
  const std::string build = machine.build ? machine.build->value : std::string();
  std::string text = build.empty() ? "need the KDK of the build that ran " + what
                                   : "need KDK build " + build + " " + what;
  if (kdk_builds.empty()) return text + ": not installed";
  if (!build.empty() && std::ranges::find(kdk_builds, build) != kdk_builds.end())
    return text + ": KDK " + build + " is installed but holds no file with this UUID";
  return text + ": not installed; installed: " + list_of(kdk_builds) +
         (kdk_builds.size() == 1 ? " does" : " do") + " not match";
}

}  // namespace

std::string kernel_file_name(const Machine& machine) {
  if (!machine.kernel_version) return "kernel";
  const std::string& version = machine.kernel_version->value;
  const auto slash = version.rfind('/');
  if (slash == std::string::npos) return "kernel";
  // "RELEASE_ARM64_T6000", "DEVELOPMENT_X86_64"
  const std::string variant = lower(std::string_view(version).substr(slash + 1));
  const auto end = variant.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
  const std::string_view words = std::string_view(variant).substr(0, end);
  const auto arm = words.find("_arm64_");
  if (arm != std::string_view::npos)
    return "kernel." + std::string(words.substr(0, arm)) + "." + std::string(words.substr(arm + 7));
  const auto intel = words.find("_x86_64");
  if (intel == std::string_view::npos || words.starts_with("release")) return "kernel";
  return "kernel." + std::string(words.substr(0, intel));
}

std::string file_name_of(const WantedImage& image, const Machine& machine) {
  if (is_kernel(image)) return kernel_file_name(machine);
  // The path is the report's word: only its last part is used, and only to compare names.
  const auto slash = image.name.rfind('/');
  return slash == std::string::npos ? image.name : image.name.substr(slash + 1);
}

std::string remedy_for(const WantedImage& image, const Machine& machine,
                       const std::vector<SymbolFile>& near,
                       const std::vector<std::string>& kdk_builds) {
  if (!image.uuid) return "the report does not state the UUID, by which alone a file is chosen";
  const std::string uuid = to_string(*image.uuid);
  const std::string name = file_name_of(image, machine);
  if (is_in_kdk(image))
    return kdk_sentence("(" + name + ", UUID " + uuid + ")", machine, kdk_builds);
  const bool has_name = name != uuid && !name.empty();
  std::string text =
      "need the dSYM or the binary " + (has_name ? "of " + name + " " : "") + "with UUID " + uuid;
  if (near.empty()) return text + ": give it with --dsym or --symbols";
  return text + ": " + near.front().path + " has " + to_string(near.front().uuid);
}

}  // namespace panicscan::symbols
