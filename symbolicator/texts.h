#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace panicscan::symbols {

/// Texts by number, one behind the other in one piece of memory: there are thousands, and most are
/// only passed on. 0 is the empty text.
class Texts {
 public:
  Texts() : ends_{0} {}

  /// Its number; the texts before keep theirs, views of them do not stay.
  std::uint32_t add(std::string_view text) {
    bytes_.append(text);
    ends_.push_back(bytes_.size());
    return size() - 1;
  }
  /// All of them; where the first, the empty one, got its number, from which the others count.
  std::uint32_t add(const Texts& others) {
    const std::uint32_t first = size();
    const std::size_t begin = bytes_.size();
    bytes_.append(others.bytes_);
    for (const std::size_t end : others.ends_) ends_.push_back(begin + end);
    return first;
  }
  /// Makes room for that many bytes of texts, so that they are not moved while more come.
  void reserve(std::size_t bytes) { bytes_.reserve(bytes_.size() + bytes); }
  std::string_view operator[](std::uint32_t number) const {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return std::string_view(bytes_).substr(begin, ends_[number] - begin);
  }
  /// All texts, one behind the other.
  std::string_view all() const { return bytes_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size()); }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace panicscan::symbols
