#pragma once

#include "render/render.h"

namespace panicscan::render {

// What stands between the reports of one stream, by format.

/// A line that names the report that follows.
void text_seam(std::ostream& out, Seam seam, std::string_view next);
/// The reports become the elements of an array.
void json_seam(std::ostream& out, Seam seam, std::string_view next);
/// A DOT file may hold several graphs; a comment names each.
void dot_seam(std::ostream& out, Seam seam, std::string_view next);
/// A Mermaid file holds one picture. Several become a Markdown page with a block for each, as code
/// hosts and `mmdc -i page.md` draw them.
void mermaid_seam(std::ostream& out, Seam seam, std::string_view next);

}  // namespace panicscan::render
