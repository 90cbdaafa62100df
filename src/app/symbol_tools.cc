#include "app/symbol_tools.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "model/vendor.h"
#include "symbolicator/cache_folder.h"

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

namespace panicscan::app {
namespace {

#ifdef __APPLE__
constexpr bool kHasStandardPlaces = true;
#else
constexpr bool kHasStandardPlaces = false;
#endif

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// The places of PANICSCAN_SYMBOL_PATH, separated by colons.
std::vector<std::string> places_of_environment() {
  std::vector<std::string> places;
  const std::string all = environment("PANICSCAN_SYMBOL_PATH");
  std::string_view rest = all;
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    if (colon != 0) places.emplace_back(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return places;
}

symbols::StoreOptions store_options(const SymbolOptions& options) {
  symbols::StoreOptions result;
  result.kdks = options.kdks;
  result.dsyms = options.dsyms;
  result.folders = options.folders;
  for (std::string& place : places_of_environment()) result.folders.push_back(std::move(place));
  result.standard_places = kHasStandardPlaces;
  result.use_index = !options.no_cache;
  return result;
}

std::filesystem::path running_program() {
#ifdef __APPLE__
  std::string path(4096, '\0');
  auto size = static_cast<std::uint32_t>(path.size());
  return _NSGetExecutablePath(path.data(), &size) == 0 ? std::filesystem::path(path.c_str())
                                                       : std::filesystem::path();
#else
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored);
#endif
}

/// Where the files that ended a symbolizer are remembered; empty when there is no place for it.
std::filesystem::path memory_of_bad_files() {
  const std::filesystem::path folder = symbols::cache_folder();
  return folder.empty() ? folder : folder / "bad-symbol-files";
}

bool names_places(const SymbolOptions& options) {
  return !options.kdks.empty() || !options.dsyms.empty() || !options.folders.empty() ||
         !places_of_environment().empty();
}

/// Whom to ask for names; when they are wanted, and files were named, it starts right away.
std::unique_ptr<symbols::WorkerPool> workers_for(const SymbolOptions& options,
                                                 const std::string& symbolizer,
                                                 SymbolTools::For use) {
  symbols::PoolOptions result;
  result.program = symbolizer;
  if (!options.no_cache) result.bad_files = memory_of_bad_files();
  auto workers = std::make_unique<symbols::WorkerPool>(std::move(result));
  if (use == SymbolTools::For::names && names_places(options)) workers->start_ahead();
  return workers;
}

}  // namespace

SymbolTools::SymbolTools(const SymbolOptions& options, For use)
    : symbolizer_(symbols::find_symbolizer(running_program())
                      .value_or("panicscan-symbolizer: not found")
                      .string()),
      workers_(workers_for(options, symbolizer_, use)),
      store_(symbols::SymbolStore::open(store_options(options))),
      cache_(options.no_cache ? std::nullopt : symbols::GsymCache::usual()),
      sources_(symbols::sources_of(store_, *workers_, cache_ ? &*cache_ : nullptr)),
      options_{.allow_near_match = options.allow_near_match},
      own_bundles_(store_.dsym_bundles()) {
  std::erase_if(own_bundles_, [](const std::string& bundle) { return is_apple(bundle); });
  if (use == For::names && !store_.empty()) workers_->start_ahead();
}

Expected<symbols::Conversion> SymbolTools::build_cache(const symbols::GsymCache& cache,
                                                       const symbols::SymbolFile& file,
                                                       const std::function<void()>& waiting) const {
  return cache.build(file.path, file.uuid, *workers_, symbols::Hello{}.memory, waiting);
}

Symbols SymbolTools::names_for(const Report& report, std::span<const Placement> placements) const {
  return symbols::symbolicate(report, placements, sources_, options_);
}

std::vector<std::string> SymbolTools::own_code(const Symbols& symbols) const {
  std::vector<std::string> own = own_bundles_;
  const auto is_users = [](const symbols::SymbolFile& file) {
    return file.kind == symbols::SymbolFileKind::dsym && file.kdk_build.empty() &&
           !is_apple(file.bundle_id);
  };
  for (const ImageSymbols& image : symbols.images) {
    if (!image.uuid || image.image.empty() || is_apple(image.image)) continue;
    if (std::ranges::any_of(store_.find(*image.uuid), is_users)) own.push_back(image.image);
  }
  return own;
}

bool are_symbols_wanted(const SymbolOptions& options) {
  if (options.none) return false;
  return kHasStandardPlaces || names_places(options);
}

}  // namespace panicscan::app
