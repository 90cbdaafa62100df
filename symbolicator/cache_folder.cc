#include "symbolicator/cache_folder.h"

#include <cstdlib>

namespace panicscan::symbols {
namespace {

#ifdef __APPLE__
constexpr const char* kPlaceAtHome = "/Library/Caches/panicscan";
#else
constexpr const char* kPlaceAtHome = "/.cache/panicscan";
#endif

}  // namespace

std::string cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return std::string(cache) + "/panicscan";
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? std::string(home) + kPlaceAtHome : std::string();
}

}  // namespace panicscan::symbols
