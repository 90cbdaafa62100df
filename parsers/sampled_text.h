#pragma once

#include <cstdint>
#include <string_view>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// Whether a text holds stacks sampled over time: of spindump and sample, or of a report about a
/// process that used too much processor time, disk writes or wake-ups ("microstackshots").
bool looks_like_sampling(std::string_view text);

/// Reads such a text: its processes, their threads with the stack that was seen most often, and
/// the images. Of a thread the other stacks of its tree are not kept, which a note says. Processes
/// sampled by spindump and sample make the report a stackshot; a report about one that used too
/// much stays of kind `other`.
/// Source: the layout is described in spindump(8) and sample(1); that of resource reports is the
/// same with "Powerstats for:" in front of each process and one heaviest stack before all of them.
void read_sampled_text(std::uint32_t document, ReportBuilder& out);

}  // namespace panicscan::parsers
