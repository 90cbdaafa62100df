#pragma once

#include <llvm/Support/xxhash.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace panicscan::symbolizer {

/// Texts by number, each kept once; 0 is the empty text.
class StringTable {
 public:
  StringTable() { add({}); }

  /// The number of a text, which is added when it is new.
  std::uint32_t add(std::string_view text) {
    if (const auto known = numbers_.find(text); known != numbers_.end()) return known->second;
    const auto number = static_cast<std::uint32_t>(texts_.size());
    numbers_.emplace(texts_.emplace_back(text), number);
    return number;
  }

  const std::string& text(std::uint32_t number) const { return texts_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }
  std::vector<std::string> take() {
    numbers_.clear();
    return {std::make_move_iterator(texts_.begin()), std::make_move_iterator(texts_.end())};
  }

 private:
  /// Names have hundreds of bytes, for which std::hash takes several times as long.
  struct Hash {
    std::size_t operator()(std::string_view text) const { return llvm::xxh3_64bits(text); }
  };

  std::deque<std::string> texts_;  ///< a deque: the views below must stay true while it grows
  std::unordered_map<std::string_view, std::uint32_t, Hash> numbers_;
};

}  // namespace panicscan::symbolizer
