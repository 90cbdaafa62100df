#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"

namespace panicscan::symbols {

/// Bytes as they travel over the pipe.
using Bytes = std::vector<std::uint8_t>;
/// Bytes somebody else owns.
using ByteView = std::span<const std::uint8_t>;

/// Appends little-endian numbers and length-prefixed texts to a message.
class WireWriter {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void u16(std::uint16_t value) { numbers(value); }
  void u32(std::uint32_t value) { numbers(value); }
  void u64(std::uint64_t value) { numbers(value); }
  void boolean(bool value) { u8(value ? 1 : 0); }
  /// One after the other, as if each were written alone.
  template <std::unsigned_integral... Number>
  void numbers(Number... values) {
    const std::size_t begin = bytes_.size();
    bytes_.resize(begin + (sizeof values + ...));
    std::uint8_t* at = bytes_.data() + begin;
    (put(at, values), ...);
  }
  void uuid(const Uuid& value);
  void text(std::string_view value);
  /// The number of elements that follow.
  void count(std::size_t value) { u32(static_cast<std::uint32_t>(value)); }
  /// Makes room, so that a long message is not moved while it grows.
  void reserve(std::size_t bytes) { bytes_.reserve(bytes_.size() + bytes); }

  std::size_t size() const { return bytes_.size(); }
  /// Overwrites four bytes written earlier.
  void patch_u32(std::size_t at, std::uint32_t value);
  Bytes take() { return std::move(bytes_); }

 private:
  template <std::unsigned_integral Number>
  static void put(std::uint8_t*& at, Number value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
      *at++ = static_cast<std::uint8_t>(value >> (8 * i));
  }

  Bytes bytes_;
};

/// Reads what WireWriter wrote. The first read past the end, or of a value that cannot be, makes
/// the reader fail for good: every later read gives zero, and finished() is false.
class WireReader {
 public:
  explicit WireReader(ByteView bytes) : rest_(bytes) {}

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  /// One after the other, as if each were read alone.
  template <std::unsigned_integral... Number>
  void numbers(Number&... values) {
    if (!ok_ || rest_.size() < (sizeof values + ...)) return fail();
    const std::uint8_t* at = rest_.data();
    (get(at, values), ...);
    rest_ = rest_.subspan((sizeof values + ...));
  }
  /// 0 or 1; anything else fails.
  bool boolean();
  Uuid uuid();
  std::string text(std::size_t limit) { return std::string(view(limit)); }
  /// A text where it stands in the bytes that are read.
  std::string_view view(std::size_t limit);
  /// A number of elements of at least `smallest` bytes each; fails when the message is too short
  /// to hold them, so that a damaged count cannot ask for memory.
  std::uint32_t count(std::size_t smallest);

  /// Units: bytes, not read yet.
  std::size_t left() const { return rest_.size(); }
  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  /// Whether everything was read, and nothing is left over.
  bool finished() const { return ok_ && rest_.empty(); }

 private:
  template <std::unsigned_integral Number>
  Number number() {
    Number value = 0;
    numbers(value);
    return value;
  }
  template <std::unsigned_integral Number>
  static void get(const std::uint8_t*& at, Number& value) {
    value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
      value = static_cast<Number>(value | Number{*at++} << (8 * i));
  }

  ByteView rest_;
  bool ok_ = true;
};

}  // namespace panicscan::symbols
