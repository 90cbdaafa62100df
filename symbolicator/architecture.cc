#include "symbolicator/architecture.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace panicscan::symbols {
namespace {

struct Architecture {
  std::uint32_t type, subtype;  ///< subtype without its capability bits
  std::string_view name;
};
constexpr std::array kArchitectures{
    Architecture{0x0100000c, 2, "arm64e"},  Architecture{0x0100000c, 0, "arm64"},
    Architecture{0x0100000c, 1, "arm64"},   Architecture{0x01000007, 3, "x86_64"},
    Architecture{0x01000007, 8, "x86_64h"}, Architecture{0x0200000c, 1, "arm64_32"},
    Architecture{0x0000000c, 9, "armv7"},   Architecture{0x0000000c, 11, "armv7s"},
    Architecture{0x00000007, 3, "i386"},
};

}  // namespace

std::string architecture_name(std::uint32_t type, std::uint32_t subtype) {
  const auto known = std::ranges::find_if(kArchitectures, [&](const Architecture& a) {
    return a.type == type && a.subtype == (subtype & 0xffffff);
  });
  return known != kArchitectures.end() ? std::string(known->name) : "cpu " + hex(type);
}

}  // namespace panicscan::symbols
