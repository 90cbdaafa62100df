#pragma once

#include <vector>

#include "model/case.h"
#include "render/splice.h"

namespace panicscan::render {

/// The changes that write names from symbol files into a crash report, as bytes of `document`: into
/// the rows of its stacks when it is text, into the frame objects when it is JSON. Where code was
/// inlined a frame becomes several, as Apple's tools write them. Empty for other reports.
std::vector<Splice> crash_name_splices(const Case& subject, std::uint32_t document);

}  // namespace panicscan::render
