#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"

namespace panicscan::parsers {

/// The classes of kcdata buffers, by the type of their first item.
/// Source: xnu osfmk/kern/kcdata.h, KCDATA_BUFFER_BEGIN_*.
enum class KcdataClass : std::uint32_t {
  crashinfo = 0xdeadf157,
  stackshot = 0x59a25807,
  delta_stackshot = 0xde17a59a,
  compressed = 0x434f4d50,
  btinfo = 0x46414e47,
  os_reason = 0x53a20900,
  xnupost_config = 0x1e21c09f,
};

/// The class of the buffer that begins here; nothing for other bytes. All are little-endian.
std::optional<KcdataClass> kcdata_class(std::string_view bytes);
/// "kcdata_stackshot"…: the name of the class as xnu's own decoder prints it.
std::string_view to_string(KcdataClass kind);

/// What a node of a KcdataTree is.
enum class KcdataKind : std::uint8_t { item, array, container, buffer };

/// One item of a buffer. Positions are offsets in the bytes that the tree was read from.
struct KcdataNode {
  KcdataKind kind = KcdataKind::item;
  std::uint32_t type = 0;    ///< of an array that of its elements, of a container its own
  std::uint64_t id = 0;      ///< of a container; otherwise the flags as they are
  std::uint32_t offset = 0;  ///< of the data, behind the header; size is without padding
  std::uint32_t size = 0;
  std::uint32_t count = 0;         ///< elements of an array
  std::uint32_t element_size = 0;  ///< bytes of each
  std::uint32_t next = 0;          ///< next sibling; 0 when last
  std::uint32_t first = 0;         ///< first child of a container or buffer; 0 when none
};

/// Something wrong with the bytes: where, and what was done about it.
struct KcdataDamage {
  std::uint32_t offset = 0;
  std::string what;
  bool is_end = false;  ///< nothing behind it was read
};

/// A kcdata buffer as a tree: containers hold what stands between their begin and end, and nested
/// buffers their items. Node 0 is the buffer.
///
/// Damage does not lose what was read: an item that claims more bytes than there are ends the
/// reading, an array whose count cannot be is left out, each with a KcdataDamage. Linear in the
/// bytes; bounded by the limits of kcdata. The bytes must outlive the tree.
/// Source: xnu osfmk/kern/kcdata.h (item layout, padding, legacy sizes, array sizes).
class KcdataTree {
 public:
  /// Errors: none; bytes that begin with no class give a buffer without children and damage.
  static KcdataTree parse(std::string_view bytes, const Limits& limits = {});

  const KcdataNode& root() const { return nodes_.front(); }
  std::string_view bytes() const { return bytes_; }
  std::string_view data(const KcdataNode& node) const {
    return bytes_.substr(node.offset, node.size);
  }
  /// The n-th element of an array; n < count.
  std::string_view element(const KcdataNode& array, std::uint32_t n) const {
    return bytes_.substr(array.offset + std::size_t{n} * array.element_size, array.element_size);
  }
  template <typename Visit>
  void for_each(const KcdataNode& parent, Visit&& visit) const {
    for (std::uint32_t at = parent.first; at != 0; at = nodes_[at].next) visit(nodes_[at]);
  }
  /// The first child of a type that is no container; null when there is none.
  const KcdataNode* find(const KcdataNode& parent, std::uint32_t type) const;
  const std::vector<KcdataDamage>& damage() const { return damage_; }
  /// The offset behind the end marker of the buffer.
  std::uint32_t end() const { return end_; }

 private:
  friend class KcdataTreeReader;
  std::string_view bytes_;
  std::vector<KcdataNode> nodes_;
  std::vector<KcdataDamage> damage_;
  std::uint32_t end_ = 0;
};

}  // namespace panicscan::parsers
