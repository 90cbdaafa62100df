#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace panicscan::symbols {

/// The string that follows `key` in a property list written as XML; nothing when there is none.
/// Only the small, flat lists of bundles and systems are read like this; binary ones are not.
std::optional<std::string> plist_string(std::string_view xml, std::string_view key);

/// The same of a file of up to 64 KiB; nothing when it cannot be read.
std::optional<std::string> plist_string_in_file(const std::string& path, std::string_view key);

/// Text as it stands in XML; nothing when it cannot stand there (control characters, no UTF-8).
std::optional<std::string> xml_text(std::string_view text);

}  // namespace panicscan::symbols
