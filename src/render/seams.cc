#include "render/seams.h"

#include "render/diagrams.h"
#include "render/escape.h"

namespace panicscan::render {

void text_seam(std::ostream& out, Seam seam, std::string_view next) {
  if (seam == Seam::behind_last) return;
  out << (seam == Seam::before_first ? "" : "\n") << "== " << printable(next) << '\n';
}

void json_seam(std::ostream& out, Seam seam, std::string_view) {
  out << (seam == Seam::before_first ? "[\n" : seam == Seam::between ? ",\n" : "]\n");
}

void dot_seam(std::ostream& out, Seam seam, std::string_view next) {
  if (seam == Seam::behind_last) return;
  // A comment ends with its line, and no printable name has a line end.
  out << (seam == Seam::before_first ? "" : "\n") << "// " << printable(next) << '\n';
}

void mermaid_seam(std::ostream& out, Seam seam, std::string_view next) {
  if (seam != Seam::before_first) out << "```\n";
  if (seam == Seam::behind_last) return;
  out << (seam == Seam::before_first ? "" : "\n") << "```mermaid\n%% " << mermaid_words(next)
      << '\n';
}

}  // namespace panicscan::render
