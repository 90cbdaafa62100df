// symbols cache: DWARF in a form that is quick to look up, made when asked for.

#include <filesystem>
#include <iostream>
#include <map>

#include "app/cli.h"
#include "app/exit_code.h"
#include "app/symbol_tools.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "render/render.h"
#include "symbolicator/gsym_cache.h"

namespace panicscan::app {
namespace {

int finish(ExitCode code = ExitCode::done) {
  return static_cast<int>(std::cout.flush() ? code : ExitCode::internal);
}

int complain(std::string_view text, ExitCode code) {
  std::cerr << "panicscan: " << render::printable(text) << '\n';
  return static_cast<int>(code);
}

constexpr std::string_view kNoPlace =
    "there is no cache: neither XDG_CACHE_HOME nor HOME says where it would be";

/// The images that were asked for, one file each.
std::map<Uuid, symbols::SymbolFile> wanted_images(const CacheOptions& options,
                                                  const symbols::SymbolStore& store) {
  std::map<Uuid, symbols::SymbolFile> wanted;
  const auto add = [&](const symbols::SymbolFile& file) {
    if (file.kind != symbols::SymbolFileKind::kernel_collection) wanted.emplace(file.uuid, file);
  };
  if (options.all)
    for (const auto& file : store.all())
      if (file.kind == symbols::SymbolFileKind::dsym) add(file);
  for (const std::string& what : options.what) {
    const auto uuid = parse_uuid(what);
    if (uuid)
      for (const auto& file : store.find(*uuid)) add(file);
    std::error_code error;
    const std::string path = uuid ? "" : std::filesystem::canonical(what, error).string();
    if (path.empty()) continue;
    for (const auto& file : store.all())
      if (file.path == path || file.path.starts_with(path + '/')) add(file);
  }
  return wanted;
}

}  // namespace

int symbols_cache_build(const CacheOptions& options) {
  const auto cache = symbols::GsymCache::usual();
  if (!cache) return complain(kNoPlace, ExitCode::usage);
  if (options.what.empty() && !options.all)
    return complain("name UUIDs or files, or say --all", ExitCode::usage);
  SymbolOptions places = options.symbols;
  for (const std::string& what : options.what)
    if (!parse_uuid(what)) places.dsyms.push_back(what);
  const SymbolTools tools(places, SymbolTools::For::files);
  for (const std::string& note : tools.store().notes()) (void)complain(note, ExitCode::done);
  const auto wanted = wanted_images(options, tools.store());
  ExitCode code = ExitCode::done;
  for (const std::string& what : options.what)
    if (const auto uuid = parse_uuid(what); uuid && !wanted.contains(*uuid)) {
      code = ExitCode::unreadable;
      (void)complain(what + ": no file with this UUID is known", code);
    }
  if (wanted.empty()) code = ExitCode::unreadable;
  for (const auto& [uuid, file] : wanted) {
    const auto made = tools.build_cache(
        *cache, file, [] { std::cerr << "panicscan: waiting for another conversion to end\n"; });
    if (!made) {
      code = ExitCode::unreadable;
      (void)complain(made.error().message, code);
      continue;
    }
    std::cout << to_string(uuid) << ' '
              << (*made == symbols::Conversion::made ? "made   " : "present") << ' '
              << render::printable(file.path) << std::endl;
  }
  (void)cache->prune(options.limit);
  return finish(code);
}

int symbols_cache_list(const CacheOptions& options) {
  const auto cache = symbols::GsymCache::usual();
  if (!cache) return complain(kNoPlace, ExitCode::usage);
  const auto images = cache->list();
  if (!options.json) {
    for (const auto& image : images)
      std::cout << to_string(image.uuid) << ' ' << image.size << ' '
                << (image.is_current ? "current" : "stale  ") << ' '
                << render::printable(image.source) << '\n';
    return finish();
  }
  JsonWriter json(std::cout);
  json.begin_object().member("schema", "panicscan.cache/1").member("folder", cache->folder());
  json.key("images").begin_array();
  for (const auto& image : images)
    json.begin_object()
        .member("uuid", to_string(image.uuid))
        .member("source", image.source)
        .member("file", image.path)
        .member("bytes", image.size)
        .member("current", image.is_current)
        .end_object();
  json.end_array().end_object();
  json.finish();
  std::cout << '\n';
  return finish();
}

int symbols_cache_prune(const CacheOptions& options) {
  const auto cache = symbols::GsymCache::usual();
  if (!cache) return complain(kNoPlace, ExitCode::usage);
  const std::size_t removed = cache->prune(options.all ? 0 : options.limit);
  std::cout << count_of(removed, "file") << " removed\n";
  return finish();
}

}  // namespace panicscan::app
