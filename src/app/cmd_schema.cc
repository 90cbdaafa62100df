#include <iostream>

#include "app/cli.h"
#include "app/exit_code.h"
#include "render/render.h"

namespace panicscan::app {

int schema(const std::string& name) {
  if (name == "rule") return rules_schema();
  std::cout << render::report_schema();
  return static_cast<int>(std::cout.flush() ? ExitCode::done : ExitCode::internal);
}

}  // namespace panicscan::app
