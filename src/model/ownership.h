#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace panicscan {

/// Who looks after what fits a pattern.
struct OwnerRule {
  std::string pattern;  ///< of a bundle id, image, class or function; `*` stands for anything
  std::string team;
};

/// Whose code a name belongs to, as the user says; empty when he says nothing.
struct Ownership {
  std::vector<std::string> own;   ///< bundle ids that are the user's: whole, or up to a dot
  std::vector<OwnerRule> owners;  ///< the first that fits decides
  std::vector<std::string> built =
      {};  ///< bundle ids and images of which there is a dSYM, likewise

  /// Whether a bundle id, or the name of an image or a process, is the user's own.
  bool is_own(std::string_view name) const { return !why_own(name).empty(); }
  /// Whether any name can be the user's own.
  bool knows_own() const { return !own.empty() || !built.empty(); }
  /// Why it is, behind the name: "is named as your own code"; empty when it is not.
  std::string_view why_own(std::string_view name) const;
  /// The team that looks after the first of the names for which there is one; empty: nobody.
  std::string team_of(std::span<const std::string> names) const;
};

/// Whether a whole name fits a pattern in which `*` stands for any characters.
bool fits_pattern(std::string_view pattern, std::string_view name);

}  // namespace panicscan
