// The picture of waits for Mermaid, which Markdown pages of code hosts draw by themselves.

#include "base/utf8.h"
#include "render/diagrams.h"
#include "render/escape.h"
#include "render/wait_picture.h"

namespace panicscan::render {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(" _.,:/+-()'").find(c) != std::string_view::npos;
}

/// A quoted label.
class MermaidText {
 public:
  explicit MermaidText(std::string_view untrusted) { add(untrusted); }
  explicit MermaidText(const std::vector<std::string>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i > 0) text_ += "<br/>";
      add(lines[i]);
    }
  }
  friend std::ostream& operator<<(std::ostream& out, const MermaidText& text) {
    return out << '"' << text.text_ << '"';
  }

 private:
  void add(std::string_view untrusted) { text_ += mermaid_words(untrusted); }
  std::string text_;
};

}  // namespace

// Whatever is neither a letter nor plain punctuation becomes an entity code.
// Source: Mermaid documentation, "Entity codes to escape characters".
std::string mermaid_words(std::string_view untrusted) {
  std::string words;
  const TerminalText visible = escape(untrusted);
  for (std::string_view rest = visible.view(); !rest.empty();) {
    const std::size_t length = std::max<std::size_t>(utf8_length(rest), 1);
    if (length == 1 && is_plain(rest.front())) {
      words += rest.front();
    } else {
      words += "#" + std::to_string(utf8_decode(rest, length)) + ";";
    }
    rest.remove_prefix(length);
  }
  return words;
}

void render_mermaid(std::ostream& out, const Case& subject, const Options&) {
  const WaitPicture picture = wait_picture(subject);
  out << "flowchart LR\n";
  if (picture.nodes.empty()) out << "  none[\"no thread is reported to wait for another\"]\n";
  for (std::size_t i = 0; i < picture.nodes.size(); ++i) {
    const PictureNode& node = picture.nodes[i];
    std::vector<std::string> lines = node.lines;
    if (node.in_cycle) lines.insert(lines.begin(), "CYCLE");
    out << "  n" << i << (node.is_thread ? "[" : "([") << MermaidText(lines)
        << (node.is_thread ? "]\n" : "])\n");
  }
  for (const PictureLink& link : picture.links)
    out << "  n" << link.from << (link.is_inferred ? " -.->|" : " -->|")
        << MermaidText((link.in_cycle ? "CYCLE: " : "") + link.label) << "| n" << link.to << "\n";
  if (picture.left_out > 0)
    out << "  more[\"" << picture.left_out << " more threads are not shown\"]\n";
  out << "  classDef cycle stroke:#b00020,stroke-width:3px;\n"
         "  classDef foreign fill:#fff3e0;\n"
         "  classDef own fill:#e3f2fd;\n";
  for (std::size_t i = 0; i < picture.links.size(); ++i)
    if (picture.links[i].in_cycle)
      out << "  linkStyle " << i << " stroke:#b00020,stroke-width:3px;\n";
  for (std::size_t i = 0; i < picture.nodes.size(); ++i) {
    if (picture.nodes[i].in_cycle) out << "  class n" << i << " cycle;\n";
    if (picture.nodes[i].is_own)
      out << "  class n" << i << " own;\n";
    else if (picture.nodes[i].is_foreign)
      out << "  class n" << i << " foreign;\n";
  }
}

}  // namespace panicscan::render
