#include "symbolicator/symbol_store.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "symbolicator/cache_folder.h"
#include "symbolicator/header_scan.h"
#include "symbolicator/kdk.h"
#include "symbolicator/symbol_paths.h"

namespace panicscan::symbols {
namespace {

/// Notes beyond this many help nobody.
constexpr std::size_t kMostNotes = 40;

/// How much a file can tell about its image, best first.
enum class Usefulness { dsym, image_with_dwarf, image_with_symbols, collection, stripped };

struct Entry {
  SymbolFile file;
  Usefulness usefulness = Usefulness::stripped;
};

#ifdef __APPLE__
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : value;
}
#endif

std::string cache_folder_of(const StoreOptions& options) {
  return options.cache_folder.empty() ? cache_folder() : options.cache_folder;
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::optional<UuidIndex> index_of(const StoreOptions& options, std::vector<std::string>& notes) {
  if (!options.use_index) return std::nullopt;
  std::string folder = cache_folder_of(options);
  if (!folder.empty()) return UuidIndex(std::move(folder));
  notes.push_back("symbol index not used: neither XDG_CACHE_HOME nor HOME says where it would be");
  return std::nullopt;
}

/// Everything there is to search, and the KDKs that were asked for by name.
struct Places {
  std::vector<std::string> roots;
  std::vector<std::string> kdks;
  std::vector<std::string> notes;
};

Places places_of(const StoreOptions& options) {
  Places places;
  for (const std::string& folder : options.kdks) {
    const std::vector<std::string> kdks = kdks_in(folder);
    if (kdks.empty()) {
      places.notes.push_back(exists(folder) ? folder + ": no KDK is there"
                                            : folder + ": " + std::strerror(errno));
    }
    std::ranges::copy(kdks, std::back_inserter(places.kdks));
  }
  places.roots = places.kdks;
  std::ranges::copy(options.dsyms, std::back_inserter(places.roots));
  std::ranges::copy(options.folders, std::back_inserter(places.roots));
#ifdef __APPLE__
  if (options.standard_places)
    std::ranges::copy_if(standard_places(environment("HOME")), std::back_inserter(places.roots),
                         exists);
#endif
  return places;
}

Usefulness usefulness_of(const MachoHeader& image, SymbolFileKind kind) {
  if (kind == SymbolFileKind::dsym && image.has_dwarf) return Usefulness::dsym;
  if (kind == SymbolFileKind::kernel_collection) return Usefulness::collection;
  if (image.has_dwarf) return Usefulness::image_with_dwarf;
  return image.has_symbols ? Usefulness::image_with_symbols : Usefulness::stripped;
}

/// Whether a name without its variant ("kernel.release.t6000"), or the last part of a bundle id,
/// is the wanted one.
bool names_the_same(const Entry& entry, std::string_view wanted) {
  const std::string_view name = entry.file.name;
  if (name.empty()) return !entry.file.bundle_id.empty() && entry.file.bundle_id == wanted;
  if (name == wanted || entry.file.bundle_id == wanted) return true;
  const std::string_view last = wanted.substr(wanted.rfind('.') + 1);
  if (wanted == "kernel" || wanted == "com.apple.kernel")
    return name == "com.apple.kernel" || name == "kernel" || name.starts_with("kernel.");
  // "com.apple.iokit.IOPCIFamily" is what the panic says, "IOPCIFamily" what the file is called;
  // not so "kernel.release.t6000", whose last part is a chip.
  if (!wanted.starts_with("kernel.") && name == last && entry.file.bundle_id.empty()) return true;
  return !name.starts_with("kernel.") && name.substr(name.rfind('.') + 1) == wanted;
}

}  // namespace

struct SymbolStore::State {
  std::vector<Entry> entries;        ///< sorted by path, then by place in the file
  std::vector<std::size_t> by_uuid;  ///< into entries: by UUID, then the most useful first
  std::vector<std::string> kdk_builds;
  std::vector<std::string> notes;

  void add(const ScannedFile& scanned, const IndexedFile& file, const std::string& kdk_build);
  void note_if_without_symbols(const std::string& asked);
  void sort_by_uuid();
};

void SymbolStore::State::add(const ScannedFile& scanned, const IndexedFile& file,
                             const std::string& kdk_build) {
  if (!file.headers.problem.empty()) notes.push_back(scanned.path + ": " + file.headers.problem);
  const std::string name = image_name_of(scanned.path);
  const std::optional<Uuid> expected = uuid_in_path(scanned.path);
  bool fits = !expected || file.headers.images.empty();
  const bool collection = std::ranges::any_of(
      file.headers.images, [](const auto& image) { return image.file_type == kMachoFileset; });
  for (const MachoHeader& image : file.headers.images) {
    fits = fits || image.uuid == *expected;
    const SymbolFileKind kind = image.file_type == kMachoDsym ? SymbolFileKind::dsym
                                : collection                  ? SymbolFileKind::kernel_collection
                                                              : SymbolFileKind::image;
    entries.push_back({.file = {.path = scanned.path,
                                .uuid = image.uuid,
                                .arch = image.arch,
                                .name = image.name.empty() ? name : image.name,
                                .kdk_build = kdk_build,
                                .bundle_id = image.name.empty() ? file.bundle_id : image.name,
                                .kind = kind},
                       .usefulness = usefulness_of(image, kind)});
  }
  if (!fits)
    notes.push_back(scanned.path + ": it stands where UUID " + to_string(*expected) +
                    " belongs, and has another");
}

/// Somebody who names a place expects something of it.
void SymbolStore::State::note_if_without_symbols(const std::string& asked) {
  std::error_code error;
  const std::string path = std::filesystem::canonical(asked, error).string();
  if (error) return;  // that it is not there is said already
  const auto at = std::ranges::lower_bound(
      entries, path, {}, [](const Entry& entry) -> const auto& { return entry.file.path; });
  const auto in_folder = std::ranges::lower_bound(
      entries, path + '/', {}, [](const Entry& entry) -> const auto& { return entry.file.path; });
  if ((at == entries.end() || at->file.path != path) &&
      (in_folder == entries.end() || !in_folder->file.path.starts_with(path + '/')))
    notes.push_back(asked + ": no Mach-O file with a UUID there");
}

void SymbolStore::State::sort_by_uuid() {
  by_uuid.resize(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) by_uuid[i] = i;
  std::ranges::stable_sort(by_uuid, {}, [&](std::size_t i) {
    return std::tuple(entries[i].file.uuid, entries[i].usefulness);
  });
}

SymbolStore SymbolStore::open(const StoreOptions& options) {
  auto state = std::make_unique<State>();
  Places places = places_of(options);
  const Scan scan = scan_folders({.roots = places.roots});
  state->notes = std::move(places.notes);
  std::ranges::copy(scan.notes, std::back_inserter(state->notes));
  const IndexedFiles known = read_headers(scan, index_of(options, state->notes), state->notes);

  std::map<std::string, Kdk, std::less<>> kdks;
  const auto kdk_at = [&](std::string_view root) -> const Kdk& {
    auto at = kdks.find(root);
    if (at == kdks.end()) {
      at = kdks.emplace(root, read_kdk(std::string(root))).first;
      if (!at->second.problem.empty()) state->notes.push_back(at->second.problem);
    }
    return at->second;
  };
  for (const ScannedFile& scanned : scan.files) {
    const IndexedFile& file = known.at(scanned.path);
    if (file.headers.images.empty() && file.headers.problem.empty()) continue;
    const std::string_view root = kdk_root_of(scanned.path);
    state->add(scanned, file, root.empty() ? std::string{} : kdk_at(root).build);
  }
  for (const std::string& root : places.kdks) kdk_at(root);
  for (const std::string& asked : options.dsyms) state->note_if_without_symbols(asked);
  if (state->entries.empty())  // links may have led elsewhere
    for (const std::string& asked : options.folders) state->note_if_without_symbols(asked);
  for (const auto& [root, kdk] : kdks)
    if (!kdk.build.empty()) state->kdk_builds.push_back(kdk.build);
  std::ranges::sort(state->kdk_builds);
  state->kdk_builds.erase(std::unique(state->kdk_builds.begin(), state->kdk_builds.end()),
                          state->kdk_builds.end());
  state->sort_by_uuid();
  if (state->notes.size() > kMostNotes) {
    const std::size_t more = state->notes.size() - kMostNotes;
    state->notes.resize(kMostNotes);
    state->notes.push_back("and " + std::to_string(more) + " more of the kind");
  }
  return SymbolStore(std::move(state));
}

std::vector<SymbolFile> SymbolStore::find(const Uuid& uuid) const {
  std::vector<SymbolFile> found;
  const auto uuid_at = [&](std::size_t i) { return state_->entries[i].file.uuid; };
  auto at = std::ranges::lower_bound(state_->by_uuid, uuid, {}, uuid_at);
  for (; at != state_->by_uuid.end() && uuid_at(*at) == uuid; ++at)
    found.push_back(state_->entries[*at].file);
  return found;
}

std::vector<SymbolFile> SymbolStore::near(const std::string& image_name) const {
  std::vector<const Entry*> found;
  if (!image_name.empty())
    for (const Entry& entry : state_->entries)
      if (names_the_same(entry, image_name)) found.push_back(&entry);
  std::ranges::stable_sort(found, {}, &Entry::usefulness);
  std::vector<SymbolFile> files;
  for (const Entry* entry : found) files.push_back(entry->file);
  return files;
}

std::vector<SymbolFile> SymbolStore::all() const {
  std::vector<SymbolFile> files;
  for (const Entry& entry : state_->entries) files.push_back(entry.file);
  return files;
}

std::vector<std::string> SymbolStore::dsym_bundles() const {
  std::vector<std::string> bundles;
  for (const auto& [file, usefulness] : state_->entries)
    if (file.kind == SymbolFileKind::dsym && file.kdk_build.empty() && !file.bundle_id.empty())
      bundles.push_back(file.bundle_id);
  std::ranges::sort(bundles);
  bundles.erase(std::unique(bundles.begin(), bundles.end()), bundles.end());
  return bundles;
}
std::vector<std::string> SymbolStore::kdk_builds() const { return state_->kdk_builds; }
bool SymbolStore::empty() const { return state_->entries.empty(); }
const std::vector<std::string>& SymbolStore::notes() const { return state_->notes; }

SymbolStore::SymbolStore(SymbolStore&&) noexcept = default;
SymbolStore& SymbolStore::operator=(SymbolStore&&) noexcept = default;
SymbolStore::~SymbolStore() = default;
SymbolStore::SymbolStore(std::unique_ptr<State> state) : state_(std::move(state)) {}

}  // namespace panicscan::symbols
