// Any bytes as the inside of a crash report's JSON body.

#include "fuzz/examine_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  panicscan::fuzzing::examine_everything(
      "{\"bug_type\":\"309\",\"name\":\"x\"}\n{\"exception\":{\"type\":\"EXC_CRASH\"},\n" + body);
  return 0;
}
