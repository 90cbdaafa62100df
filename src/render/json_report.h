#pragma once

#include <ostream>

#include "render/render.h"

namespace panicscan::render {

/// Writes `panicscan.report/1` (row "json" of the table in render.cc); see report.schema.json.
void render_json(std::ostream& out, const Case& subject, const Options& options);

}  // namespace panicscan::render
