// Any bytes behind a head line, so that the grammar of the panic text is reached at once.

#include "fuzz/examine_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  panicscan::fuzzing::examine_everything("panic(cpu 1 caller 0xfffffe0012345678): " + body);
  return 0;
}
