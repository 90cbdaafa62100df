#include "symbolicator/cache_folder.h"

#include <cstdlib>

namespace panicscan::symbols {

std::string cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return std::string(cache) + "/panicscan";
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? std::string(home) + "/.cache/panicscan" : std::string();
}

}  // namespace panicscan::symbols
