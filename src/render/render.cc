#include "render/render.h"

#include <algorithm>
#include <array>

#include "render/diagrams.h"
#include "render/escape.h"
#include "render/json_report.h"
#include "render/seams.h"
#include "render/symbolicated.h"
#include "render/text_report.h"

namespace panicscan::render {
namespace {

constexpr std::array kFormats{
    OutputFormat{"text", "a report for people, the answer first", render_text, text_seam},
    OutputFormat{"json", "everything, as panicscan.report/1, for programs", render_json, json_seam},
    OutputFormat{"dot", "who waits for whom, as a picture for Graphviz", render_dot, dot_seam},
    OutputFormat{"mermaid", "the same for Mermaid, which Markdown pages draw", render_mermaid,
                 mermaid_seam},
};

constexpr std::array kSymbolicated{
    OutputFormat{"text", "the report as Apple's tools show it", render_symbolicated_text},
    OutputFormat{"ips", "the JSON file that the report is", render_symbolicated_ips},
};

}  // namespace

std::span<const OutputFormat> output_formats() { return kFormats; }
std::span<const OutputFormat> symbolicated_formats() { return kSymbolicated; }

const OutputFormat* find_output_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &OutputFormat::name);
  return found == kFormats.end() ? nullptr : &*found;
}

std::string printable(std::string_view text) { return std::string(escape(text).view()); }

bool is_printable(std::string_view text) { return is_plain(text); }

}  // namespace panicscan::render
