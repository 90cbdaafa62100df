#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "model/placement.h"
#include "model/report.h"
#include "model/symbols.h"
#include "symbolicator/symbol_store.h"
#include "symbolicator/worker_pool.h"

namespace panicscan::symbols {

struct SymbolicateOptions {
  bool allow_near_match = false;  ///< use a file of another build when there is none of this one
};

/// Whom symbolicate() asks: where the files are, and what is in them.
struct SymbolSources {
  /// The files of a UUID, the most useful first.
  std::function<std::vector<SymbolFile>(const Uuid&)> find;
  /// Files of the same name, of other builds.
  std::function<std::vector<SymbolFile>(const std::string&)> near;
  std::function<Answer<IdentifyReply>(const std::string& path)> identify;
  std::function<Answer<LookupReply>(const LookupRequest&)> look_up;
  std::vector<std::string> kdk_builds;  ///< that are installed
  std::vector<std::string> notes;       ///< on places that could not be searched
};

class GsymCache;

/// The usual ones, which must outlive what is returned. Without a cache the pointer is null.
SymbolSources sources_of(const SymbolStore& store, WorkerPool& workers, const GsymCache* cache);

/// Names for every frame of a report, kernel and user, and for each frame without one the reason.
///
/// Each image's addresses are looked up once, sorted and without doubles, in one request. Names
/// that the report itself carries stay where nothing better is found.
Symbols symbolicate(const Report& report, std::span<const Placement> placements,
                    const SymbolSources& sources, const SymbolicateOptions& options = {});

}  // namespace panicscan::symbols
