#include "symbolicator/kdk.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "base/text.h"
#include "symbolicator/plist.h"

namespace panicscan::symbols {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVersionFile = "/System/Library/CoreServices/SystemVersion.plist";
constexpr std::array<std::string_view, 2> kFolders{"/System/Library/Kernels",
                                                   "/System/Library/Extensions"};

/// "24F74", "25F5042g": digits, a letter, digits, perhaps a letter.
bool is_build(std::string_view text) {
  return text.size() >= 4 && text.size() <= 16 && is_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) {
           return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         });
}

/// The build in "KDK_15.5_24F74.kdk".
std::string build_in_name(std::string_view root) {
  std::string_view name = root.substr(root.rfind('/') + 1);
  if (name.ends_with(".kdk")) name.remove_suffix(4);
  const std::size_t underscore = name.rfind('_');
  if (!name.starts_with("KDK_") || underscore == std::string_view::npos) return {};
  const std::string_view build = name.substr(underscore + 1);
  return is_build(build) ? std::string(build) : std::string{};
}

bool is_kdk(const std::string& folder) {
  if (folder.ends_with(".kdk")) return true;
  std::error_code ignored;
  return std::ranges::any_of(kFolders, [&](std::string_view inside) {
    return fs::is_directory(folder + std::string(inside), ignored);
  });
}

}  // namespace

std::string_view kdk_root_of(std::string_view path) {
  if (const std::size_t at = path.find(".kdk/"); at != std::string_view::npos)
    return path.substr(0, at + 4);
  for (const std::string_view folder : kFolders) {
    const std::size_t at = path.find(std::string(folder) + '/');
    if (at != std::string_view::npos) return path.substr(0, at);
  }
  return {};
}

Kdk read_kdk(std::string root) {
  Kdk kdk{.root = std::move(root), .build = {}, .problem = {}};
  const std::string named = build_in_name(kdk.root);
  const std::string inside =
      plist_string_in_file(kdk.root + std::string(kVersionFile), "ProductBuildVersion")
          .value_or(std::string{});
  kdk.build = is_build(inside) ? inside : named;
  if (kdk.build.empty())
    kdk.problem = kdk.root + ": neither its SystemVersion.plist nor its name says for which build";
  else if (!named.empty() && named != kdk.build)
    kdk.problem = kdk.root + ": it is for build " + kdk.build + ", whatever its name says";
  return kdk;
}

std::vector<std::string> kdks_in(const std::string& folder) {
  std::string trimmed = folder;
  while (trimmed.size() > 1 && trimmed.ends_with('/')) trimmed.pop_back();
  if (is_kdk(trimmed)) return {trimmed};
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(trimmed, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const std::string path = entry->path().string();
    if (fs::is_directory(path, ignored) && is_kdk(path)) found.push_back(path);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace panicscan::symbols
