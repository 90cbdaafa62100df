#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace panicscan::rules {

/// Texts of which one occurs in everything that an RE2 expression fits; one for each alternative
/// of the outermost '|'. Empty when that cannot be told by simple reading (groups, classes and
/// repeats are skipped; flags like (?i) give up).
std::vector<std::string> required_literals(std::string_view regex);

/// Looks for many literals in one text at once.
///
/// Each literal is entered under four of its bytes, those that the fewest other literals have
/// ("e::s" is in many of them, "r499" in one); a text is walked byte by byte with a bit table of
/// their hashes, small enough for the first-level cache. 500 literals in 200 KB cost well below a
/// millisecond, where 500 separate searches cost fifty.
class LiteralSet {
 public:
  LiteralSet() = default;
  explicit LiteralSet(std::vector<std::string> literals);

  /// Where each literal occurs first in one text.
  class Scan {
   public:
    /// The first offset of a literal of the set; nothing when it does not occur. A literal that
    /// is not in the set counts as occurring at 0: it has to be looked for.
    std::optional<std::uint32_t> first(std::string_view literal) const;

   private:
    friend class LiteralSet;
    const LiteralSet* set_ = nullptr;
    std::vector<std::uint32_t> first_;
  };
  /// The scan refers to this set, which must outlive it.
  Scan scan(std::string_view text) const;

 private:
  static constexpr std::uint32_t kBits = 1u << 15;
  static constexpr std::uint32_t kAbsent = 0xffffffff;

  std::vector<std::string> literals_;  ///< sorted, distinct
  /// A literal, and where in it the four bytes stand.
  struct Entry {
    std::uint32_t literal = 0;
    std::uint32_t at = 0;
  };
  std::vector<bool> seen_;  ///< by hash of the four bytes
  std::unordered_map<std::uint32_t, std::vector<Entry>> by_window_;
  std::vector<std::uint32_t> short_;  ///< literals of less than four bytes
};

}  // namespace panicscan::rules
