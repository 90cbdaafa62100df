#include "base/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace panicscan {

Expected<Inflated> inflate_bytes(std::string_view packed, const Limits& limits) {
  constexpr int kGzipOrZlib = 15 + 32;
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOrZlib) != Z_OK)
    return Error{ErrorCode::internal, "zlib could not be started", {}};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  const std::uint64_t by_ratio =
      std::max<std::uint64_t>(kRatioFrom, limits.unpack_ratio * packed.size());
  Inflated result;
  std::array<char, 65536> buffer;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream, Z_NO_FLUSH);
    result.bytes.append(buffer.data(), buffer.size() - stream.avail_out);
    if (result.bytes.size() > limits.unpacked)
      result.cut = "the unpacked bytes are " + beyond_limit(limits, &Limits::unpacked);
    else if (result.bytes.size() > by_ratio)
      result.cut = "each packed byte unpacks to " + beyond_limit(limits, &Limits::unpack_ratio);
    if (!result.cut.empty()) break;
  }
  inflateEnd(&stream);
  if (result.cut.empty() && status != Z_STREAM_END)
    result.cut = "the packed bytes are damaged or end early";
  if (result.bytes.empty()) return Error{ErrorCode::malformed, "nothing could be unpacked", {}};
  return result;
}

}  // namespace panicscan
