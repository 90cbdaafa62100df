// Any bytes as a whole input file.

#include "fuzz/examine_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  panicscan::fuzzing::examine_everything(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
