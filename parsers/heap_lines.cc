#include <array>

#include "parsers/backtrace_lines.h"
#include "parsers/panic_state.h"

// Reports of the kernel heap: which element was misused, who allocated and who freed it. Their
// "Zone    : …", "Kind    : …" lines become fields by their shape.
// Source: xnu osfmk/kern/zalloc.c (PGZ report, leak report).

namespace panicscan::parsers {
namespace {

void skip(PanicState&, const TextLine&, std::string_view) {}

void keep_as_line(PanicState& state, const TextLine& line, std::string_view) {
  state.field("line", line.text, line.text);
}

template <BacktraceKind kind>
void read_heading(PanicState& state, const TextLine& line, std::string_view) {
  open_address_list(state, kind, line.text);
}

constexpr auto kBlock = LineRole::block;
constexpr std::array kLines{
    LineGrammar{"Probabilistic GZAlloc Report:", kBlock, skip},
    LineGrammar{"Zone leak report:", kBlock, skip},
    LineGrammar{"Zone (suspected) leak report:", kBlock, skip},
    LineGrammar{"Allocation Backtrace:", kBlock, read_heading<BacktraceKind::allocation>},
    LineGrammar{"Free Backtrace:", kBlock, read_heading<BacktraceKind::freed>},
    LineGrammar{"Top backtrace:", kBlock, read_heading<BacktraceKind::leak>},
    LineGrammar{"Can't decode ", kBlock, keep_as_line},
};

}  // namespace

std::span<const LineGrammar> heap_lines() { return kLines; }

}  // namespace panicscan::parsers
