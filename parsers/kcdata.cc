// Kernel chunked data: items of
//   u32 type, u32 size, u64 flags, size bytes of data
// one behind the other. The first has the class of the buffer as its type, the last is an end
// marker. Data are padded to 16 bytes; the flags say how much of them is padding. An array has its
// element type and count in the flags; a container its id.

#include "parsers/kcdata.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace panicscan::parsers {
namespace {

constexpr std::uint32_t kHeader = 16, kPaddingMask = 0xf, kHasPadding = 0x80;
constexpr std::uint32_t kOldArray = 0x11, kContainerBegin = 0x13, kContainerEnd = 0x14,
                        kFirstArray = 0x20, kLastArray = 0x2f, kNested = 0x38,
                        kBufferEnd = 0xf19158ed;

struct ClassName {
  KcdataClass kind;
  std::string_view name;
};
constexpr std::array kClasses{
    ClassName{KcdataClass::crashinfo, "kcdata_crashinfo"},
    ClassName{KcdataClass::stackshot, "kcdata_stackshot"},
    ClassName{KcdataClass::delta_stackshot, "kcdata_delta_stackshot"},
    ClassName{KcdataClass::compressed, "kcdata_compressed"},
    ClassName{KcdataClass::btinfo, "kcdata_btinfo"},
    ClassName{KcdataClass::os_reason, "kcdata_reason"},
    ClassName{KcdataClass::xnupost_config, "xnupost_testconfig"},
};

/// A type whose size is not written in the item: kernels before the padding flags.
struct LegacySize {
  std::uint32_t type, size;
};
constexpr std::array kLegacyItems{LegacySize{0x906, 0x68}, LegacySize{0x908, 24}};
/// Elements of old arrays; other types never occurred in them.
constexpr std::array kOldElements{
    LegacySize{0x30, 20}, LegacySize{0x31, 24},  LegacySize{0x90a, 8},
    LegacySize{0x90c, 8}, LegacySize{0x90b, 16}, LegacySize{0x90d, 16},
    LegacySize{0x907, 4}, LegacySize{0x941, 48}, LegacySize{0x81a, 8},
};

std::uint32_t load32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i)
    value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

std::uint64_t load64(std::string_view bytes, std::size_t at) {
  return load32(bytes, at) | std::uint64_t{load32(bytes, at + 4)} << 32;
}

std::uint32_t padded(std::uint32_t size) { return (size + kPaddingMask) & ~kPaddingMask; }

/// The size without padding.
std::uint32_t true_size(std::uint32_t type, std::uint32_t size, std::uint64_t flags) {
  if ((flags & (kPaddingMask | kHasPadding)) == 0) {
    const auto legacy = std::ranges::find(kLegacyItems, type, &LegacySize::type);
    if (legacy != kLegacyItems.end() && padded(legacy->size) == size) return legacy->size;
  }
  const auto padding = static_cast<std::uint32_t>(flags & kPaddingMask);
  return size < padding ? 0 : size - padding;
}

}  // namespace

std::optional<KcdataClass> kcdata_class(std::string_view bytes) {
  if (bytes.size() < kHeader) return std::nullopt;
  const auto kind = static_cast<KcdataClass>(load32(bytes, 0));
  const auto row = std::ranges::find(kClasses, kind, &ClassName::kind);
  return row == kClasses.end() ? std::nullopt : std::optional(kind);
}

std::string_view to_string(KcdataClass kind) {
  return std::ranges::find(kClasses, kind, &ClassName::kind)->name;
}

/// Reads one buffer into a tree, with a stack of its own instead of recursion.
class KcdataTreeReader {
 public:
  KcdataTreeReader(std::string_view bytes, const Limits& limits) : limits_(limits) {
    tree_.bytes_ = bytes;
  }

  KcdataTree read() && {
    const auto size = static_cast<std::uint32_t>(tree_.bytes_.size());
    tree_.nodes_.push_back({.kind = KcdataKind::buffer, .size = size});
    open_.push_back({0, 0, size, 0});
    begin_buffer(0);
    while (!open_.empty() && !stopped_) step();
    tree_.end_ = at_;
    return std::move(tree_);
  }

 private:
  /// A container or buffer whose items are being read.
  struct Level {
    std::uint32_t node, last_child, end, behind;
  };

  void damage(std::string what, bool is_end) {
    constexpr std::size_t kMostDamage = 100;
    if (tree_.damage_.size() < kMostDamage || is_end)
      tree_.damage_.push_back({at_, std::move(what), is_end});
    stopped_ = stopped_ || is_end;
  }

  void begin_buffer(std::uint32_t node) {
    const std::string_view rest = tree_.bytes_.substr(at_, open_.back().end - at_);
    const auto kind = kcdata_class(rest);
    if (!kind) {
      damage("no kcdata buffer begins here", open_.size() == 1);
      if (open_.size() > 1) close(open_.back().behind);
      return;
    }
    tree_.nodes_[node].type = static_cast<std::uint32_t>(*kind);
    at_ += kHeader;  // the first item has no data that anybody ever used
  }

  void close(std::uint32_t go_on_at) {
    at_ = go_on_at;
    open_.pop_back();
  }

  std::uint32_t add(const KcdataNode& node) {
    const auto index = static_cast<std::uint32_t>(tree_.nodes_.size());
    tree_.nodes_.push_back(node);
    Level& level = open_.back();
    if (level.last_child == 0)
      tree_.nodes_[level.node].first = index;
    else
      tree_.nodes_[level.last_child].next = index;
    level.last_child = index;
    return index;
  }

  bool in_container() const {
    return tree_.nodes_[open_.back().node].kind == KcdataKind::container;
  }

  void step() {
    const Level& level = open_.back();
    const std::string_view bytes = tree_.bytes_;
    const std::uint32_t left = level.end - at_;
    if (left < kHeader) {
      if (open_.size() > 1 && !in_container()) {
        damage("a nested buffer has no end", false);
        return close(level.behind);
      }
      return damage("the data end without their end marker", true);
    }
    const std::uint32_t type = load32(bytes, at_), size = load32(bytes, at_ + 4);
    const std::uint64_t flags = load64(bytes, at_ + 8);
    if (size > left - kHeader) {
      return damage("an item of type " + hex(type) + " claims " + std::to_string(size) +
                        " bytes of " + std::to_string(left - kHeader) +
                        " that are left; nothing behind it was read",
                    true);
    }
    if (tree_.nodes_.size() > limits_.kcdata_items)
      return damage("items are left out: " + beyond_limit(limits_, &Limits::kcdata_items), true);
    const std::uint32_t data = at_ + kHeader, behind = data + size;
    if (type == kBufferEnd) return end_of_buffer(behind);
    if (type == kContainerEnd) return end_of_container(flags, behind);
    if (type == kContainerBegin) return begin_container(flags, data, size);
    if (type == kOldArray || (type >= kFirstArray && type <= kLastArray))
      read_array(type, flags, data, size);
    else if (type == kNested)
      return begin_nested(data, true_size(type, size, flags), behind);
    else
      add({.type = type, .id = flags, .offset = data, .size = true_size(type, size, flags)});
    at_ = behind;
  }

  void end_of_buffer(std::uint32_t behind) {
    while (in_container()) {
      damage("a container has no end", false);
      open_.pop_back();
    }
    const std::uint32_t go_on_at = open_.size() > 1 ? open_.back().behind : behind;
    close(go_on_at);
  }

  void end_of_container(std::uint64_t id, std::uint32_t behind) {
    if (!in_container()) {
      damage("a container ends that did not begin", false);
    } else {
      if (tree_.nodes_[open_.back().node].id != id)
        damage("a container ends under another id than it began with", false);
      open_.pop_back();
    }
    at_ = behind;
  }

  bool has_depth() {
    if (open_.size() < limits_.kcdata_depth) return true;
    damage("containers inside one another: " + beyond_limit(limits_, &Limits::kcdata_depth), true);
    return false;
  }

  void begin_container(std::uint64_t id, std::uint32_t data, std::uint32_t size) {
    if (!has_depth()) return;
    if (size < 4) damage("a container does not say what it is", false);
    const std::uint32_t type = size < 4 ? 0 : load32(tree_.bytes_, data);
    const std::uint32_t node =
        add({.kind = KcdataKind::container, .type = type, .id = id, .offset = at_});
    open_.push_back({node, 0, open_.back().end, 0});
    at_ = data + size;
  }

  void begin_nested(std::uint32_t data, std::uint32_t size, std::uint32_t behind) {
    if (!has_depth()) return;
    const std::uint32_t node = add({.kind = KcdataKind::buffer, .offset = data, .size = size});
    open_.push_back({node, 0, data + size, behind});
    at_ = data;
    begin_buffer(node);
  }

  void read_array(std::uint32_t item, std::uint64_t flags, std::uint32_t data, std::uint32_t size) {
    constexpr unsigned kTypeShift = 32;
    const auto type = static_cast<std::uint32_t>(flags >> kTypeShift);
    const auto count = static_cast<std::uint32_t>(flags);
    std::uint32_t element = 0;
    bool is_valid = count == 0 && size == 0;
    if (item == kOldArray && count > 0) {
      const auto known = std::ranges::find(kOldElements, type, &LegacySize::type);
      element = known == kOldElements.end() ? 0 : known->size;
      is_valid = element > 0 && count <= size / element;
    } else if (count > 0) {
      const std::uint32_t padding = item & kPaddingMask;
      const std::uint32_t used = size < padding ? 0 : size - padding;
      is_valid = used >= count && used % count == 0;
      element = used / count;
    }
    if (!is_valid)
      return damage("an array claims " + std::to_string(count) + " elements of type " + hex(type) +
                        " in " + std::to_string(size) + " bytes, so it was left out",
                    false);
    std::uint32_t kept = count;
    if (count > limits_.kcdata_elements) {
      damage("an array of " + std::to_string(count) +
                 " elements is cut: " + beyond_limit(limits_, &Limits::kcdata_elements),
             false);
      kept = static_cast<std::uint32_t>(limits_.kcdata_elements);
    }
    add({.kind = KcdataKind::array,
         .type = type,
         .id = flags,
         .offset = data,
         .size = kept * element,
         .count = kept,
         .element_size = element});
  }

  const Limits& limits_;
  KcdataTree tree_;
  std::vector<Level> open_;
  std::uint32_t at_ = 0;
  bool stopped_ = false;
};

KcdataTree KcdataTree::parse(std::string_view bytes, const Limits& limits) {
  return KcdataTreeReader(bytes, limits).read();
}

const KcdataNode* KcdataTree::find(const KcdataNode& parent, std::uint32_t type) const {
  for (std::uint32_t at = parent.first; at != 0; at = nodes_[at].next)
    if (nodes_[at].type == type && nodes_[at].kind != KcdataKind::container) return &nodes_[at];
  return nullptr;
}

}  // namespace panicscan::parsers
