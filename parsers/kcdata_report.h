#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// Where a kcdata buffer begins: at once, or behind the 16 bytes of a ktrace chunk header.
std::optional<std::uint32_t> find_kcdata(std::string_view bytes);

/// Reads the buffer that begins at `start` of a document. Stackshots become processes, threads,
/// stacks, images and waits as in the JSON ones, corpses and exit reasons a crash; every other
/// class is kept as fields.
/// Returns the name of its row in the table of formats.
/// Source: xnu osfmk/kern/kcdata.h; tools/lldbmacros/kcdata.py SaveStackshotReport().
std::string_view read_kcdata(std::uint32_t document, std::uint32_t start, ReportBuilder& out);

}  // namespace panicscan::parsers
