#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_tree.h"
#include "model/report_builder.h"

namespace panicscan::parsers {

/// The bytes that a base64 text stands for, up to `limit`; blanks are skipped, and decoding stops
/// at the first character that is none of base64's. Source: RFC 4648, section 4.
std::string decode_base64(std::string_view text, std::size_t limit);

/// Reads macOSProcessedStackshotData: either a sentence in base64, saying that there is no
/// stackshot, or a binary one, whose threads are read when the report has no others.
void read_stackshot_data(std::string_view name, JsonValue value, std::uint32_t document,
                         bool has_threads, ReportBuilder& out);

}  // namespace panicscan::parsers
