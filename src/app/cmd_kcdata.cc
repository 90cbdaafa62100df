#include <iostream>

#include "app/cli.h"
#include "app/exit_code.h"
#include "parsers/kcdata_json.h"
#include "render/render.h"

namespace panicscan::app {

int kcdata(const std::string& path, const Limits& limits) {
  const auto source = read_source(path, static_cast<std::size_t>(limits.input));
  const auto text = source ? parsers::kcdata_json(*source, limits)
                           : Expected<parsers::KcdataText>(source.error());
  if (!text) {
    std::cerr << "panicscan: " << render::printable(text.error().message) << '\n';
    return static_cast<int>(ExitCode::unreadable);
  }
  for (const std::string& note : text->notes)
    std::cerr << "panicscan: " << render::printable(note) << '\n';
  std::cout << text->json;
  return static_cast<int>(std::cout.flush() ? ExitCode::done : ExitCode::internal);
}

}  // namespace panicscan::app
