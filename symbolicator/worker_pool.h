#pragma once

#include <memory>
#include <string>

#include "base/expected.h"
#include "symbolicator/protocol.h"

namespace panicscan::symbols {

/// How the worker is run.
struct WorkerOptions {
  std::string program;                            ///< empty: beside panicscan, else in PATH
  std::uint64_t memory = std::uint64_t{4} << 30;  ///< bytes of address space
  std::uint32_t seconds = 60;                     ///< wall clock for one request
  std::string bad_files;  ///< the list of files that kill workers; empty: none kept
};

/// Runs panicscan-symbolizer: started at the first request, started again when it died.
///
/// A file that kills it, or takes longer than it may, is remembered by path, size and mtime and not
/// tried again.
class WorkerPool {
 public:
  explicit WorkerPool(WorkerOptions options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Errors: unreadable (no worker program, or the file is remembered as bad), internal (the
  /// worker died on it: remembered), malformed or limit (its answer breaks the protocol), or what
  /// a Failure says.
  Expected<IdentifyReply> identify(const IdentifyRequest& request);
  Expected<LookupReply> lookup(const LookupRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace panicscan::symbols
