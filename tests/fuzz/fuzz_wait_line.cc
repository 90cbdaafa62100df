// Any bytes as a line of waitInfo or turnstileInfo.

#include <cstdint>

#include "parsers/format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  (void)panicscan::parsers::parse_wait_line(line, {});
  return 0;
}
