#include "symbolicator/symbolicate.h"

namespace panicscan::symbols {

SymbolSources sources_of(const SymbolStore& store, WorkerPool& workers) {
  return {.find = [&](const Uuid& uuid) { return store.find(uuid); },
          .near = [&](const std::string& name) { return store.near(name); },
          .identify = [&](const std::string& path) { return workers.identify(path); },
          .look_up = [&](const LookupRequest& request) { return workers.look_up(request); },
          .kdk_builds = store.kdk_builds(),
          .notes = store.notes()};
}

}  // namespace panicscan::symbols
