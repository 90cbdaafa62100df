#pragma once

#include <cstdint>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// Reads a crash report's text (.crash): macOS and iOS, old and new, symbolicated or not. Each
/// "Name: value" line before the first thread stays a Field as well. Of several reports in one text
/// the first is read.
///
/// Source: the sections as Console, Xcode and ReportCrash write them; the grammar of rows as real
/// reports show it.
void read_crash_text(std::uint32_t document, ReportBuilder& out);

}  // namespace panicscan::parsers
