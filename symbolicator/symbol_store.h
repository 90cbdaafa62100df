#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/uuid.h"

namespace panicscan::symbols {

/// Where symbols may be, as given on the command line and by the environment.
struct StoreOptions {
  std::vector<std::string> kdks;     ///< --kdk: KDK folders, or folders that hold KDKs
  std::vector<std::string> dsyms;    ///< --dsym: dSYM bundles or Mach-O files
  std::vector<std::string> folders;  ///< --symbols and PANICSCAN_SYMBOL_PATH: searched recursively
  bool standard_places = true;       ///< macOS: /Library/Developer/KDKs, DerivedData, Archives…
  bool use_index = true;             ///< keep the UUID index in the cache folder
  std::string cache_folder;          ///< empty: $XDG_CACHE_HOME/panicscan or ~/.cache/panicscan
};

/// What a file is good for.
enum class SymbolFileKind { dsym, image, kernel_collection };

/// One Mach-O image in a file that the store knows.
struct SymbolFile {
  std::string path;
  Uuid uuid;
  std::string arch;       ///< "arm64e", "x86_64"
  std::string name;       ///< base name of the bundle or file: "kernel.release.t6000"
  std::string kdk_build;  ///< "24F74" when it lies in a KDK, else empty
  std::string bundle_id;  ///< of its bundle, or of the one a dSYM belongs to; empty when not said
  SymbolFileKind kind = SymbolFileKind::image;
};

/// Finds symbol files by UUID. Locks internally; safe to share between threads.
///
/// Only Mach-O headers are read here, bounds-checked, by our own small reader; whatever is inside
/// the file is the worker's business. The index is a cache: losing it costs time, nothing else.
class SymbolStore {
 public:
  /// Looks at the places, using and renewing the index. Never fails as a whole: what cannot be
  /// read is told by notes().
  static SymbolStore open(const StoreOptions& options);

  /// The files of that UUID, the most useful first (dSYM, then image with symbols).
  std::vector<SymbolFile> find(const Uuid& uuid) const;
  /// Files whose name or bundle id says they are the same image of another build.
  std::vector<SymbolFile> near(const std::string& image_name) const;
  /// Everything, sorted by path.
  std::vector<SymbolFile> all() const;
  /// The bundle ids of all dSYMs that lie in no KDK, sorted, each once.
  std::vector<std::string> dsym_bundles() const;
  /// The builds of the KDKs that were found, sorted.
  std::vector<std::string> kdk_builds() const;
  bool empty() const;
  const std::vector<std::string>& notes() const;

  SymbolStore(SymbolStore&&) noexcept;
  SymbolStore& operator=(SymbolStore&&) noexcept;
  ~SymbolStore();

 private:
  struct State;
  explicit SymbolStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace panicscan::symbols
