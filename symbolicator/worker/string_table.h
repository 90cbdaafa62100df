#pragma once

#include <llvm/ADT/DenseMap.h>
#include <llvm/Support/xxhash.h>

#include <cstdint>
#include <string_view>

#include "symbolicator/texts.h"

namespace panicscan::symbolizer {

/// Texts by number, each kept once; 0 is the empty text.
class StringTable {
 public:
  /// The number of a text, which is added when it is new. Of different texts with the same hash
  /// only the first is found again.
  std::uint32_t add(std::string_view text) {
    if (text.empty()) return 0;
    // Names have hundreds of bytes, for which std::hash takes several times as long. The two
    // largest numbers are DenseMap's own.
    const std::uint64_t hash = llvm::xxh3_64bits(text) >> 1;
    const auto [known, is_new] = numbers_.try_emplace(hash, texts_.size());
    if (!is_new && texts_[known->second] == text) return known->second;
    return texts_.add(text);
  }

  /// Stays until the next is added.
  std::string_view text(std::uint32_t number) const { return texts_[number]; }
  std::uint32_t size() const { return texts_.size(); }
  const symbols::Texts& texts() const { return texts_; }

 private:
  symbols::Texts texts_;
  llvm::DenseMap<std::uint64_t, std::uint32_t> numbers_;
};

}  // namespace panicscan::symbolizer
