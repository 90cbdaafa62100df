"""Writes C++ units with many functions and deep inlining, for volume.

The same number gives the same text. The functions compute nothing useful; what matters is what
the compiler makes of them: calls inlined five deep, pieces of one call in several places, loops,
lines without code.
"""

UNIT = """#include "kernel_object.h"

namespace workload_{unit} {{

template <int Depth>
struct Nest {{
  static INLINE addr_t turn(addr_t value) {{
    const addr_t inner = Nest<Depth - 1>::turn(value + Depth);
    return (inner & 1) != 0 ? inner * {odd} : inner ^ lab_sink;
  }}
}};
template <>
struct Nest<0> {{
  static INLINE addr_t turn(addr_t value) {{ return value >> {shift}; }}
}};

class Machine{unit} : public lab::Object {{
 public:
{declarations}
 private:
  lab::Ring<addr_t, {size}> history_;
  addr_t total_ = 0;
}};

{definitions}
}}  // namespace workload_{unit}

extern "C" addr_t workload_{unit}_run(workload_{unit}::Machine{unit} *machine, addr_t value) {{
{calls}  return value;
}}
"""

STEP = """NOINLINE addr_t Machine{unit}::step{step}(addr_t value, unsigned rounds) {{
  retain();
  for (unsigned i = 0; i < rounds; ++i) {{
    value = Nest<{depth}>::turn(value);
    if (value % {modulus} == {rest}) {{
      history_.push(value);
      total_ += Nest<{other}>::turn(total_);
    }}
  }}
  if (!history_.is_empty()) value ^= history_.pop();
  release();
  return value + total_;
}}
"""


def unit(number, steps):
    declarations, definitions, calls = [], [], []
    for step in range(steps):
        declarations.append(f"  addr_t step{step}(addr_t value, unsigned rounds);\n")
        definitions.append(STEP.format(unit=number, step=step, depth=1 + (number + step) % 5, other=1 + step % 3,
                                       modulus=3 + (7 * step + number) % 11, rest=step % 3))
        calls.append(f"  value = machine->step{step}(value, {1 + step % 4});\n")
    return UNIT.format(unit=number, odd=2 * number + 3, shift=1 + number % 7, size=8 << number % 3,
                       declarations="".join(declarations), definitions="\n".join(definitions), calls="".join(calls))
