#include "base/sha256.h"

#include <nettle/sha2.h>

#include <array>

namespace panicscan {
namespace {

using Digest = std::array<std::uint8_t, SHA256_DIGEST_SIZE>;

/// Nettle 4 writes the whole digest; before, it was told how much of it.
template <typename Context>
void write_digest(Context& context, Digest& digest) {
  if constexpr (requires { sha256_digest(&context, digest.data()); })
    sha256_digest(&context, digest.data());
  else
    sha256_digest(&context, digest.size(), digest.data());
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  sha256_ctx context;
  sha256_init(&context);
  sha256_update(&context, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
  Digest digest{};
  write_digest(context, digest);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

}  // namespace panicscan
