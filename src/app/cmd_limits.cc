#include <fmt/format.h>

#include <iostream>

#include "app/cli.h"
#include "app/exit_code.h"

namespace panicscan::app {

int limits() {
  std::cout << "What lies beyond a limit is left out, and the report says so.\n\n";
  for (const LimitRow& row : limit_rows())
    std::cout << fmt::format("--limit-{:<16} {:>9}  {}\n", row.name,
                             limit_text(row, Limits{}.*row.value), row.meaning);
  return static_cast<int>(std::cout.flush() ? ExitCode::done : ExitCode::internal);
}

}  // namespace panicscan::app
