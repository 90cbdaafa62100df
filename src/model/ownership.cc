#include "model/ownership.h"

#include <algorithm>

#include "model/driver_extension.h"

namespace panicscan {
namespace {

bool covers(const std::string& bundle, std::string_view name) {
  if (bundle.empty() || name.empty()) return false;
  if (!name.starts_with(bundle)) return is_cut_name_of(name, bundle);
  return name.size() == bundle.size() || bundle.ends_with('.') || name[bundle.size()] == '.';
}

}  // namespace

std::string_view Ownership::why_own(std::string_view name) const {
  const auto covers_name = [&](const std::string& bundle) { return covers(bundle, name); };
  if (std::ranges::any_of(own, covers_name)) return "is named as your own code";
  if (std::ranges::any_of(built, covers_name)) return "is your own code: you gave its dSYM";
  return {};
}

std::string Ownership::team_of(std::span<const std::string> names) const {
  for (const std::string& name : names) {
    if (name.empty()) continue;
    for (const OwnerRule& rule : owners)
      if (fits_pattern(rule.pattern, name)) return rule.team;
  }
  return {};
}

bool fits_pattern(std::string_view pattern, std::string_view name) {
  // After a star that turned out too short, go back and let it take one character more.
  std::size_t at = 0, in = 0, star = std::string_view::npos, taken = 0;
  while (in < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      taken = in;
    } else if (at < pattern.size() && pattern[at] == name[in]) {
      ++at;
      ++in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace panicscan
