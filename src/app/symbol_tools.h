#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "symbolicator/gsym_cache.h"
#include "symbolicator/symbolicate.h"

namespace panicscan::app {

/// Where symbols may be, as every command that needs them is told.
struct SymbolOptions {
  std::vector<std::string> kdks;     ///< --kdk, repeatable
  std::vector<std::string> dsyms;    ///< --dsym, repeatable
  std::vector<std::string> folders;  ///< --symbols, repeatable
  bool none = false;                 ///< --no-symbols
  bool allow_near_match = false;     ///< --allow-near-match
  bool no_cache = false;             ///< --no-cache
};

/// What names are made with: the files that are known, and the program that reads them.
class SymbolTools {
 public:
  /// Whether names will be asked for, so that who reads them can be started while files are found.
  enum class For { files, names };

  /// Looks at the places given, those of PANICSCAN_SYMBOL_PATH and, on macOS, the standard ones.
  SymbolTools(const SymbolOptions& options, For use);
  SymbolTools(const SymbolTools&) = delete;
  SymbolTools& operator=(const SymbolTools&) = delete;

  const symbols::SymbolStore& store() const { return store_; }
  /// The program that reads symbol files, or that there is none.
  const std::string& symbolizer() const { return symbolizer_; }
  /// Whom to ask about files and what is in them.
  const symbols::SymbolSources& sources() const { return sources_; }
  /// Says that the last names were made, so that who read them is gone by the end.
  void dismiss() const { workers_->dismiss(); }
  /// Makes a file of `symbols cache`; `waiting` is called when another process makes one.
  Expected<symbols::Conversion> build_cache(const symbols::GsymCache& cache,
                                            const symbols::SymbolFile& file,
                                            const std::function<void()>& waiting) const;
  /// What the user gave dSYMs of, and so built himself: bundle ids, and the images of a report
  /// whose names came from one. Nothing of Apple's, and nothing that lies in a KDK.
  std::vector<std::string> own_code(const Symbols& symbols) const;
  Symbols names_for(const Report& report, std::span<const Placement> placements) const;

 private:
  std::string symbolizer_;
  std::unique_ptr<symbols::WorkerPool> workers_;
  symbols::SymbolStore store_;
  std::optional<symbols::GsymCache> cache_;
  symbols::SymbolSources sources_;
  symbols::SymbolicateOptions options_;
  std::vector<std::string> own_bundles_;  ///< bundle ids of dSYMs that are not Apple's
};

/// Whether there is any place to look at; without one, reports keep the names they came with.
bool are_symbols_wanted(const SymbolOptions& options);

}  // namespace panicscan::app
