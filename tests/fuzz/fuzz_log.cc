// Any bytes behind a line that makes them a log: the first byte chooses its style.

#include <array>

#include "fuzz/examine_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<std::string_view, 6> kLines{
      "2025-01-02 03:04:05.678901+0000 0x1 Default 0x0 0 0 kernel: DK: ack timer expired\n",
      "2025-01-02 03:04:05.678 Df  kernel[0:1] DK: ack timer expired\n",
      "Jan  2 03:04:05 host kernel[0]: DK: ack timer expired\n",
      "default\t03:04:05.678901+0000\tkernel\tDK: ack timer expired\n",
      "[   1.000000]: DK: ack timer expired\n",
      "{\"timestamp\":\"2025-01-02 03:04:05.0+0000\",\"eventMessage\":\"DK: ack timer "
      "expired\"}\n"};
  if (size == 0) return 0;
  std::string text(kLines[data[0] % kLines.size()]);
  text += text;
  text.append(reinterpret_cast<const char*>(data + 1), size - 1);
  panicscan::fuzzing::examine_everything(std::move(text));
  return 0;
}
