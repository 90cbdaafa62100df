#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"
#include "base/limits.h"

namespace panicscan {

/// What was unpacked, and why it ends before the packed bytes do; empty when it does not.
struct Inflated {
  std::string bytes;
  std::string cut;
};

/// Unpacks gzip or zlib bytes; damage and limits end the output, what came before is kept.
/// Errors: malformed, when nothing could be unpacked.
Expected<Inflated> inflate_bytes(std::string_view packed, const Limits& limits);

}  // namespace panicscan
