#include <algorithm>

#include "base/text.h"
#include "render/text_sections.h"

namespace panicscan::render {

void write_register_set(const Story& story, const RegisterSet& set) {
  story.page.line(say("registers:"));
  constexpr std::size_t kCell = 26;
  const std::size_t per_line = std::max<std::size_t>(1, (story.page.width() - 2) / kCell);
  TerminalText line;
  for (std::size_t i = 0; i < set.registers.size(); ++i) {
    const Register& reg = set.registers[i];
    line += pad_left(escape(reg.name), 5) + say(" ") + pad_right(escape(hex16(reg.value)), 20);
    if ((i + 1) % per_line == 0 || i + 1 == set.registers.size()) {
      story.page.line(line, 2);
      line = {};
    }
  }
}

}  // namespace panicscan::render
