// Any bytes behind the first entry of a registry dump: as text, or, when the first byte is odd, as
// a property list.

#include "fuzz/examine_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string text =
      data[0] % 2 == 0
          ? "+-o Root  <class IORegistryEntry, id 0x100000100, retain 24>\n"
          : "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>IOObjectClass</key>";
  text.append(reinterpret_cast<const char*>(data + 1), size - 1);
  panicscan::fuzzing::examine_everything(std::move(text));
  return 0;
}
