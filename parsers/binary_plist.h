#pragma once

#include <string_view>

#include "base/expected.h"
#include "base/inflate.h"
#include "base/limits.h"

namespace panicscan::parsers {

/// Whether bytes begin like a property list in binary.
bool is_binary_plist(std::string_view bytes);

/// Writes a property list in binary as the same list in XML. What lies outside the bytes or goes
/// beyond the limits (plist-depth, which ends containers that hold themselves; json-nodes,
/// unpacked, unpack-ratio, which end lists that repeat themselves) ends the writing: `cut` says so,
/// and open containers are closed. Dates become seconds since 2001, and characters that XML cannot
/// hold U+FFFD.
/// Source: the layout in CoreFoundation, CFBinaryPList.c (in the head comment).
/// Errors: malformed, when the table of objects or the top object cannot be found.
Expected<Inflated> binary_plist_as_xml(std::string_view bytes, const Limits& limits);

}  // namespace panicscan::parsers
