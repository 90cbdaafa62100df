#pragma once

#include <ostream>

#include "render/render.h"

namespace panicscan::render {

/// Who waits for whom, in the language of Graphviz.
void render_dot(std::ostream& out, const Case& subject, const Options& options);
/// The same in that of Mermaid, which Markdown pages of code hosts draw.
void render_mermaid(std::ostream& out, const Case& subject, const Options& options);
/// Text from outside that means nothing to Mermaid or Markdown, for a label or a comment.
std::string mermaid_words(std::string_view untrusted);

}  // namespace panicscan::render
