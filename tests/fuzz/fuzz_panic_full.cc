// Any bytes as the inside of a panic report's JSON body.

#include "fuzz/examine_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  panicscan::fuzzing::examine_everything(
      "{\"bug_type\":\"210\"}\n{\"panicString\":\"panic(cpu 1 caller 0xfffffe0012345678): x\",\n" +
      body);
  return 0;
}
