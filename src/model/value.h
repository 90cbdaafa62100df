#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace panicscan {

/// What a captured or computed value means, and so how it is compared and printed.
enum class ValueType {
  text,
  number,   ///< printed in decimal
  hex,      ///< a word of bits, printed with 0x
  address,  ///< printed with 0x and sixteen digits
  boolean,
  milliseconds,
  seconds,
  bytes,
  pid,
  tid,
  list,  ///< of texts, printed with commas
};

/// A typed value of a fact or of a rule's capture.
struct Value {
  ValueType type = ValueType::text;
  std::variant<std::string, std::uint64_t, bool, std::vector<std::string>> data;

  static Value text(std::string value) { return {ValueType::text, std::move(value)}; }
  static Value number(std::uint64_t value) { return {ValueType::number, value}; }
  static Value hex(std::uint64_t value) { return {ValueType::hex, value}; }
  static Value address(std::uint64_t value) { return {ValueType::address, value}; }
  static Value boolean(bool value) { return {ValueType::boolean, value}; }
  static Value list(std::vector<std::string> value) { return {ValueType::list, std::move(value)}; }
  static Value of(ValueType type, std::uint64_t value) { return {type, value}; }

  /// The number in it, for all numeric types and booleans.
  std::optional<std::uint64_t> as_number() const;
  friend bool operator==(const Value&, const Value&) = default;
};

/// How a value reads in a sentence: "21257 ms", "0x80000001", "a, b".
std::string format(const Value& value);

/// Spelling of a type in rule files and schemas.
std::string_view to_string(ValueType type);

}  // namespace panicscan
