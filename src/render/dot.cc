// The picture of waits for Graphviz: panicscan -o dot FILE | dot -Tsvg.

#include "render/diagrams.h"
#include "render/escape.h"
#include "render/wait_picture.h"

namespace panicscan::render {
namespace {

/// A quoted ID of the DOT language: only `"` and `\` mean something inside one.
/// Source: Graphviz, "DOT Language", ID; escString for the backslash.
class DotText {
 public:
  explicit DotText(std::string_view untrusted) { add(untrusted); }
  explicit DotText(const std::vector<std::string>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i > 0) text_ += "\\n";
      add(lines[i]);
    }
  }
  friend std::ostream& operator<<(std::ostream& out, const DotText& text) {
    return out << '"' << text.text_ << '"';
  }

 private:
  void add(std::string_view untrusted) {
    const TerminalText visible = escape(untrusted);
    for (const char c : visible.view()) {
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
  }
  std::string text_;
};

}  // namespace

void render_dot(std::ostream& out, const Case& subject, const Options&) {
  const WaitPicture picture = wait_picture(subject);
  out << "digraph waits {\n  rankdir=LR;\n  node [shape=box, fontname=\"Helvetica\"];\n"
         "  edge [fontname=\"Helvetica\", fontsize=10];\n";
  out << "  label="
      << DotText("who waits for whom; dashed: inferred" +
                 (picture.left_out > 0 ? "; " + std::to_string(picture.left_out) + " more not shown"
                                       : std::string()))
      << ";\n";
  for (std::size_t i = 0; i < picture.nodes.size(); ++i) {
    const PictureNode& node = picture.nodes[i];
    std::vector<std::string> lines = node.lines;
    if (node.in_cycle) lines.insert(lines.begin(), "CYCLE");
    out << "  n" << i << " [label=" << DotText(lines);
    if (!node.is_thread) out << ", shape=ellipse";
    if (node.in_cycle) out << ", color=\"#b00020\", penwidth=2";
    if (node.is_own)
      out << ", style=filled, fillcolor=\"#e3f2fd\"";
    else if (node.is_foreign)
      out << ", style=filled, fillcolor=\"#fff3e0\"";
    out << "];\n";
  }
  for (const PictureLink& link : picture.links) {
    out << "  n" << link.from << " -> n" << link.to
        << " [label=" << DotText((link.in_cycle ? "CYCLE: " : "") + link.label);
    if (link.in_cycle) out << ", color=\"#b00020\", penwidth=2";
    if (link.is_inferred) out << ", style=dashed";
    out << "];\n";
  }
  out << "}\n";
}

}  // namespace panicscan::render
