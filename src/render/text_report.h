#pragma once

#include <ostream>

#include "render/render.h"

namespace panicscan::render {

/// Writes the report for people (row "text" of the table in render.cc).
void render_text(std::ostream& out, const Case& subject, const Options& options);

}  // namespace panicscan::render
