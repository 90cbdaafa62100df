#include "symbolicator/gsym_cache.h"
#include "symbolicator/symbolicate.h"

namespace panicscan::symbols {

SymbolSources sources_of(const SymbolStore& store, WorkerPool& workers, const GsymCache* cache) {
  return {.find = [&](const Uuid& uuid) { return store.find(uuid); },
          .near = [&](const std::string& name) { return store.near(name); },
          .identify = [&](const std::string& path) { return workers.identify(path); },
          .look_up =
              [&workers, cache](const LookupRequest& request) {
                return cache != nullptr ? look_up_cached(*cache, workers, request)
                                        : workers.look_up(request);
              },
          .kdk_builds = store.kdk_builds(),
          .notes = store.notes()};
}

}  // namespace panicscan::symbols
