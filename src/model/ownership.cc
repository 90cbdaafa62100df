#include "model/ownership.h"

#include <algorithm>

namespace panicscan {

bool Ownership::is_own(std::string_view name) const {
  return std::ranges::any_of(own, [&](const std::string& prefix) {
    if (prefix.empty() || !name.starts_with(prefix)) return false;
    return name.size() == prefix.size() || prefix.ends_with('.') || name[prefix.size()] == '.';
  });
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
