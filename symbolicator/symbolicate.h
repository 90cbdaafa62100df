#pragma once

#include <span>

#include "model/placement.h"
#include "model/report.h"
#include "model/symbols.h"
#include "symbolicator/symbol_store.h"
#include "symbolicator/worker_pool.h"

namespace panicscan::symbols {

struct SymbolicateOptions {
  bool allow_near_match = false;  ///< use a file of another build when there is none of this one
  bool use_cache = true;          ///< use GSYM files of `symbols cache build` when they are there
};

/// Names for every frame of a report, kernel and user, and for each frame without one the reason.
///
/// Each image's addresses are looked up once, sorted and without doubles, in one request. Names
/// that the report itself carries stay where nothing better is found.
Symbols symbolicate(const Report& report, std::span<const Placement> placements,
                    const SymbolStore& store, WorkerPool& workers,
                    const SymbolicateOptions& options = {});

}  // namespace panicscan::symbols
