#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "base/limits.h"

namespace panicscan::parsers {

enum class PlistKind : std::uint8_t { dict, array, string, integer, real, boolean, data, date };

/// One value of a property list. Values stand in document order, containers before what they hold.
struct PlistNode {
  static constexpr std::uint32_t kNoParent = 0xffffffff;

  PlistKind kind = PlistKind::string;
  std::uint32_t parent = kNoParent;  ///< the container it stands in
  std::uint32_t end = 0;             ///< index behind its last descendant
  std::string key;                   ///< when it stands in a dictionary
  std::string text;                  ///< of scalars: as written; "true", "false" for booleans
  std::uint32_t offset = 0;          ///< of its first byte in the text
  std::uint32_t length = 0;          ///< of its bytes
};

/// A property list written as XML.
struct Plist {
  std::vector<PlistNode> nodes;  ///< [0] is the root
  std::string damage;            ///< why the reading stopped early, or empty
};

/// Whether a text begins like a property list in XML.
bool is_xml_plist(std::string_view text);

/// Reads a property list written as XML. Damage and limits (plist-depth, json-nodes) end the
/// reading; what came before is kept. Entities of the document's own are refused.
/// Source: plist(5), PropertyList-1.0.dtd.
/// Errors: malformed, when it holds no value at all.
Expected<Plist> read_plist(std::string_view text, const Limits& limits);

/// The bytes of the first <data> of a property list that holds a report's binary data (gzip or
/// kcdata), found without reading the rest of it; empty when there is none.
std::string find_packed_data(std::string_view text, std::size_t limit);

}  // namespace panicscan::parsers
