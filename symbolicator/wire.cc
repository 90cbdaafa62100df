#include "symbolicator/wire.h"

#include <algorithm>

namespace panicscan::symbols {

void WireWriter::uuid(const Uuid& value) {
  bytes_.insert(bytes_.end(), value.bytes.begin(), value.bytes.end());
}

void WireWriter::text(std::string_view value) {
  count(value.size());
  bytes_.insert(bytes_.end(), value.begin(), value.end());
}

void WireWriter::patch_u32(std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes_[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

bool WireReader::boolean() {
  const std::uint8_t value = u8();
  if (value > 1) ok_ = false;
  return value == 1;
}

Uuid WireReader::uuid() {
  Uuid value;
  if (!ok_ || rest_.size() < value.bytes.size()) {
    ok_ = false;
    return value;
  }
  std::copy_n(rest_.begin(), value.bytes.size(), value.bytes.begin());
  rest_ = rest_.subspan(value.bytes.size());
  return value;
}

std::string_view WireReader::view(std::size_t limit) {
  const std::uint32_t length = count(1);
  if (!ok_ || length > limit) {
    ok_ = false;
    return {};
  }
  const std::string_view value(reinterpret_cast<const char*>(rest_.data()), length);
  rest_ = rest_.subspan(length);
  return value;
}

std::uint32_t WireReader::count(std::size_t smallest) {
  const std::uint32_t value = u32();
  if (!ok_ || value > rest_.size() / smallest) {
    ok_ = false;
    return 0;
  }
  return value;
}

}  // namespace panicscan::symbols
