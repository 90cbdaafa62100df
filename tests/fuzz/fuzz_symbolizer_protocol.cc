// Any bytes as a message between panicscan and panicscan-symbolizer, in both directions.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "symbolicator/protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace panicscan::symbols;
  const ByteView bytes(data, size);
  (void)decode_header(bytes);
  const auto message = decode(bytes);
  if (!message) return 0;
  // What is accepted has one spelling, and every chain lies within its frames.
  const auto again = encode(*message);
  if (!again || !std::equal(again->begin(), again->end(), bytes.begin(), bytes.end())) std::abort();
  if (const auto* reply = std::get_if<LookupReply>(&*message))
    for (std::size_t i = 0; i < reply->chain_end.size(); ++i)
      for (const NameFrame& frame : reply->chain(i)) (void)reply->text(frame.function);
  return 0;
}
