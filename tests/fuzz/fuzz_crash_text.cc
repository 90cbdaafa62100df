// Any bytes behind the head of a crash report's text.

#include "fuzz/examine_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  panicscan::fuzzing::examine_everything(
      "Process:  x [1]\nIdentifier:  x\nException Type:  EXC_CRASH (SIGABRT)\nCrashed Thread:  "
      "0\n" +
      std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
