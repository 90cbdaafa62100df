// Any bytes behind the first item of a stackshot.

#include "fuzz/examine_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes("\x07\x58\xa2\x59", 4);
  bytes.resize(16, '\0');
  bytes.append(reinterpret_cast<const char*>(data), size);
  panicscan::fuzzing::examine_everything(std::move(bytes));
  return 0;
}
