#pragma once

#include <cstdint>
#include <string_view>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// Whether one of the first lines of a text is an entry of the registry.
bool looks_like_ioreg(std::string_view text);

/// Reads what `ioreg` prints: the tree, with properties when it was called with -l.
/// Returns whether the text is one.
bool read_ioreg_text(std::uint32_t document, ReportBuilder& out);

/// Reads what `ioreg -a` prints: a property list of the same.
/// Returns whether the text is one.
bool read_ioreg_plist(std::uint32_t document, ReportBuilder& out);

/// Adds an entry to the report's tree; false when there is no room for it.
bool add_device(DeviceNode node, ReportBuilder& out);

}  // namespace panicscan::parsers
