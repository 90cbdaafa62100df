#include "parsers/coprocessor_lines.h"

#include "parsers/panic_finish.h"

namespace panicscan::parsers {
namespace {

bool take_coprocessor_line(PanicState& state, const TextLine& line) {
  if (is_known_panic_line(line.text)) return false;
  const auto pair = split_key_value(line.text);
  state.field(pair ? pair->key : "coprocessor", pair ? pair->value : line.text, line.text);
  return true;
}

constexpr Block kCoprocessor{take_coprocessor_line};

}  // namespace

void open_coprocessor_lines(PanicState& state) { state.open(kCoprocessor); }

}  // namespace panicscan::parsers
