#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/expected.h"

namespace panicscan {

enum class JsonKind : std::uint8_t { absent, null, boolean, integer, real, string, array, object };

/// Bounds that keep hostile JSON from costing more than its size deserves.
struct JsonLimits {
  std::uint32_t depth = 64;
  std::uint32_t nodes = 64'000'000;
  bool allow_comments = false;  ///< for rule files: // and /* */
};

/// Something wrong in the JSON text: where, and what was done about it.
struct JsonDamage {
  std::uint32_t offset = 0;
  std::string what;
};

class JsonTree;

/// A handle on one value of a JsonTree; asking an absent value for anything yields absent values,
/// so `root["a"][2].as_integer()` needs no checks in between. Valid as long as the tree.
class JsonValue {
 public:
  JsonValue() = default;

  JsonKind kind() const;
  bool exists() const { return tree_ != nullptr; }
  /// The member of an object; of duplicate keys the last. Absent for other kinds.
  JsonValue operator[](std::string_view key) const;
  /// The element of an array (or the value of an object's n-th member); absent when out of range.
  JsonValue operator[](std::size_t index) const;
  /// Number of elements or members; 0 for scalars.
  std::size_t size() const;

  std::optional<bool> as_bool() const;
  /// The number when it is an integer that fits; never by way of a double.
  std::optional<std::uint64_t> as_unsigned() const;
  std::optional<std::int64_t> as_signed() const;
  std::optional<double> as_double() const;
  /// The decoded string.
  std::optional<std::string> as_string() const;
  /// A lenient reading for Apple's files: an integer, or a string holding "123" or "0x7b".
  /// Negative numbers come back as their two's complement.
  std::optional<std::uint64_t> as_number_like() const;

  /// The exact bytes of the value in the text, quotes and brackets included.
  std::string_view raw() const;
  std::uint32_t offset() const;
  /// The key under which the value stands in its object (decoded); empty for array elements.
  std::string key() const;
  /// Where that key begins, its quote included; the value's own offset when there is no key.
  std::uint32_t key_offset() const;
  /// Decodes a string into a document whose bytes map to those of the text; `parent` is the
  /// number of the document that the tree was parsed from.
  Document as_document(std::uint32_t parent) const;

  /// Calls `visit(JsonValue)` for each element or member value, in document order.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (JsonValue child = first(); child.exists(); child = child.next()) visit(child);
  }
  JsonValue first() const;
  JsonValue next() const;

 private:
  friend class JsonTree;
  JsonValue(const JsonTree* tree, std::uint32_t node) : tree_(tree), node_(node) {}

  const JsonTree* tree_ = nullptr;
  std::uint32_t node_ = 0;
};

/// One JSON value read from a text, with the position of everything, in document order.
///
/// Damage does not lose what was read: a text that ends early, a raw control character inside a
/// string, a trailing comma each cost one JsonDamage, and all open arrays and objects are closed.
/// The tree refers to the text, which must outlive it.
class JsonTree {
 public:
  /// Reads the value that begins at or after `start`. Text behind it is left alone; see end().
  /// Errors: malformed, when not even one value begins there; limit.
  static Expected<JsonTree> parse(std::string_view text, std::uint32_t start = 0,
                                  const JsonLimits& limits = {});

  JsonTree(JsonTree&&) noexcept = default;
  JsonTree& operator=(JsonTree&&) noexcept = default;

  JsonValue root() const { return JsonValue(this, 0); }
  /// The offset just behind the value.
  std::uint32_t end() const { return end_; }
  const std::vector<JsonDamage>& damage() const { return damage_; }
  /// Whether the value was read to its end; if not, damage() says what stopped the reading.
  bool complete() const { return complete_; }
  /// Whether the text ended before the value did.
  bool truncated() const { return truncated_; }

 private:
  friend class JsonValue;
  friend class JsonTreeBuilder;
  struct Node {
    std::uint32_t offset = 0;      ///< of the value's first byte
    std::uint32_t length = 0;      ///< of the value in bytes
    std::uint32_t key_offset = 0;  ///< of the key's opening quote; 0 when none
    std::uint32_t key_length = 0;  ///< of the key with its quotes
    std::uint32_t next = 0;        ///< next sibling; 0 when last
    std::uint32_t children = 0;
    JsonKind kind = JsonKind::absent;
    bool has_escapes = false;
    bool key_has_escapes = false;
  };
  JsonTree() = default;

  std::string_view text_;
  std::vector<Node> nodes_;
  std::uint32_t end_ = 0;
  std::vector<JsonDamage> damage_;
  bool complete_ = true;
  bool truncated_ = false;
};

/// Undoes JSON escapes, leniently: a broken escape stays as it is. `quoted` begins and ends with
/// a quote (the closing one may be missing). `parent_offset` is where `quoted` stands in `parent`.
Document decode_json_string(std::string_view quoted, std::uint32_t parent,
                            std::uint32_t parent_offset);

}  // namespace panicscan
