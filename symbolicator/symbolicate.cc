#include "symbolicator/symbolicate.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <tuple>

#include "symbolicator/image_lookup.h"
#include "symbolicator/remedy.h"
#include "symbolicator/wanted.h"

namespace panicscan::symbols {
namespace {

/// So many addresses that all miss are no accident, even where the image's end is a guess.
constexpr std::size_t kEnoughToDoubt = 3;
/// Of files with one UUID; more than a few copies say nothing new.
constexpr std::size_t kFilesTried = 4;

bool fits(const SymbolFile& file, Arch arch) {
  if (arch == Arch::arm64) return file.arch.starts_with("arm64");
  return arch != Arch::x86_64 || file.arch.starts_with("x86_64");
}

/// Works through the images of one report.
class Symbolicator {
 public:
  Symbolicator(const Report& report, const WantedAddresses& wanted, const SymbolSources& sources,
               const SymbolicateOptions& options)
      : report_(report),
        wanted_(wanted),
        sources_(sources),
        options_(options),
        lookup_(sources),
        symbols_(symbols_in_report(report)) {}

  Symbols run();

 private:
  void do_image(const WantedImage& image);
  /// Tries the files in turn; whether one of them answered.
  bool try_files(const WantedImage& image, const std::vector<SymbolFile>& files,
                 SymbolStatus when_named, ImageSymbols& row);
  void take_names(const WantedImage& image, ImageNames& names, SymbolStatus when_named);
  void remark_on_slide(const WantedImage& image, const ImageNames& names, const SymbolFile& file);
  void set_all(const WantedImage& image, SymbolStatus status);
  void set_status(std::uint32_t target, SymbolStatus status);
  bool is_named(std::uint32_t target) const;
  void share_out_inlined();
  void note(std::string text);

  const Report& report_;
  const WantedAddresses& wanted_;
  const SymbolSources& sources_;
  const SymbolicateOptions& options_;
  ImageLookup lookup_;
  Symbols symbols_;
  std::set<std::string> noted_;
  bool is_symbolizer_missing_ = false;
};

void Symbolicator::note(std::string text) {
  if (noted_.insert(text).second) symbols_.notes.push_back(std::move(text));
}

void Symbolicator::set_status(std::uint32_t target, SymbolStatus status) {
  if (target >= wanted_.frames) {
    symbols_.others[target - wanted_.frames].status = status;
    return;
  }
  // The report's own name serves where no file has a better one.
  const bool is_found = status == SymbolStatus::named || status == SymbolStatus::near_match;
  const bool has_own_name = !is_found && !symbols_.of({target}).empty();
  symbols_.set_status({target}, has_own_name ? SymbolStatus::not_looked_up : status);
}

void Symbolicator::set_all(const WantedImage& image, SymbolStatus status) {
  for (const WantedAddress& address : image.addresses) set_status(address.target, status);
}

bool Symbolicator::is_named(std::uint32_t target) const {
  return target < wanted_.frames && !symbols_.of({target}).empty();
}

void Symbolicator::take_names(const WantedImage& image, ImageNames& names,
                              SymbolStatus when_named) {
  std::vector<std::uint32_t> shared(names.chains.size(), 0);
  for (std::size_t i = 0; i < image.addresses.size(); ++i) {
    const std::uint32_t target = image.addresses[i].target;
    if (names.status[i] != SymbolStatus::named) {
      set_status(target, names.status[i]);
      continue;
    }
    const std::uint32_t chain = names.chain[i];
    if (target >= wanted_.frames) {
      // A frame may have the same names: both keep them.
      symbols_.others[target - wanted_.frames].names =
          shared[chain] == 0 ? names.chains[chain] : symbols_.names(shared[chain]);
    } else {
      if (shared[chain] == 0) shared[chain] = symbols_.add(std::move(names.chains[chain]));
      symbols_.share({target}, shared[chain]);
    }
    set_status(target, when_named);
  }
  for (const std::string& text : names.notes) note(text);
}

void Symbolicator::remark_on_slide(const WantedImage& image, const ImageNames& names,
                                   const SymbolFile& file) {
  if (!names.is_base_plausible)
    note("the base of " + image.name + " that the report prints fits no page of " + file.path +
         ": the slide looks wrong, and names may be those of other functions");
  const std::size_t all = image.addresses.size();
  const bool is_doubtful =
      image.is_guess ? names.outside == all && all >= kEnoughToDoubt : names.outside > 0;
  if (is_doubtful)
    note(std::to_string(names.outside) + " of " + std::to_string(all) + " addresses in " +
         image.name + " lie outside the code of " + file.path + ": the slide looks wrong");
}

bool Symbolicator::try_files(const WantedImage& image, const std::vector<SymbolFile>& files,
                             SymbolStatus when_named, ImageSymbols& row) {
  std::optional<Address> base;
  if (image.name == "kernel" && report_.panic && report_.panic->layout.text_exec_base)
    base = report_.panic->layout.text_exec_base->value;
  // A stripped copy or half a download has the UUID, too: the file that knows most lines wins.
  std::optional<ImageNames> best;
  const SymbolFile* best_file = nullptr;
  for (const SymbolFile& file : std::span(files).first(std::min(files.size(), kFilesTried))) {
    ImageNames names = lookup_.look_up(image, file, base);
    if (names.outcome == ImageNames::Outcome::not_installed) {
      is_symbolizer_missing_ = true;
      row.path = file.path;
      row.status = SymbolStatus::not_looked_up;
      row.remedy = "panicscan-symbolizer is not installed";
      note("no names from symbol files: " + names.problem);
      set_all(image, SymbolStatus::not_looked_up);
      return true;
    }
    if (names.outcome == ImageNames::Outcome::failed) {
      note(names.problem);
      row.path = file.path;
      row.remedy = names.problem;
      continue;
    }
    if (best && names.with_lines <= best->with_lines) continue;
    const bool is_complete = names.with_lines + names.outside == image.addresses.size();
    best = std::move(names);
    best_file = &file;
    if (is_complete) break;
  }
  if (!best) return false;
  row.path = best_file->path;
  row.status = when_named;
  row.remedy.clear();
  take_names(image, *best, when_named);
  remark_on_slide(image, *best, *best_file);
  return true;
}

void Symbolicator::do_image(const WantedImage& image) {
  ImageSymbols row;
  row.image = image.name;
  row.uuid = image.uuid;
  row.in_kernel_space = image.in_kernel_space;
  std::vector<SymbolFile> files, near;
  if (image.uuid) files = sources_.find(*image.uuid);
  if (is_symbolizer_missing_ && !files.empty()) {
    row.path = files.front().path;
    row.remedy = "panicscan-symbolizer is not installed";
    set_all(image, SymbolStatus::not_looked_up);
  } else if (!files.empty()) {
    if (!try_files(image, files, SymbolStatus::named, row)) {
      row.status = SymbolStatus::symbolizer_failed;
      set_all(image, row.status);
    }
  } else {
    near = sources_.near(file_name_of(image, report_.machine));
    std::erase_if(near, [&](const SymbolFile& file) { return !fits(file, report_.machine.arch); });
    row.remedy = remedy_for(image, report_.machine, near, sources_.kdk_builds);
    row.status = near.empty() ? SymbolStatus::no_symbols : SymbolStatus::uuid_mismatch;
    if (!near.empty()) row.path = near.front().path;
    const std::string remedy = row.remedy;
    const bool is_answered = options_.allow_near_match && !near.empty() &&
                             !is_symbolizer_missing_ &&
                             try_files(image, {near.front()}, SymbolStatus::near_match, row);
    row.remedy = remedy;
    if (!is_answered) set_all(image, row.status);
  }
  for (const WantedAddress& address : image.addresses) {
    if (address.target >= wanted_.frames) continue;
    ++row.frames;
    if (is_named(address.target)) ++row.named;
  }
  symbols_.images.push_back(std::move(row));
}

/// Crash reports have a row of their own for each function that was inlined. A file names all of
/// them for the address they have in common: each row gets its own name, the first one what is
/// left.
void Symbolicator::share_out_inlined() {
  const Symbols reported = symbols_in_report(report_);
  for (std::uint32_t first = 0; first < wanted_.frames; ++first) {
    std::uint32_t last = first;
    while (last + 1 < wanted_.frames && report_.frames[last].is_inline &&
           report_.frames[last + 1].address == report_.frames[first].address)
      ++last;
    if (last == first) continue;
    const auto found = symbols_.of({last});
    const std::vector<Symbol> chain(found.begin(), found.end());
    const bool is_from_file = !chain.empty() && chain.front().from != SymbolOrigin::report;
    std::size_t end = chain.size();
    for (std::uint32_t row = last; is_from_file && row > first; --row) {
      if (end > 0) {
        symbols_.set({row}, {chain[--end]});
      } else {
        const auto own = reported.of({row});
        symbols_.set({row}, {own.begin(), own.end()});
      }
    }
    if (is_from_file && end > 0)
      symbols_.set({first}, {chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(end)});
    first = last;
  }
}

Symbols Symbolicator::run() {
  symbols_.others.reserve(wanted_.others.size());
  for (const OtherAddress& other : wanted_.others)
    symbols_.others.push_back({other.address, SymbolStatus::not_looked_up, {}});
  for (std::uint32_t target = 0; target < wanted_.status.size(); ++target)
    set_status(target, wanted_.status[target]);
  for (const std::string& text : sources_.notes) note(text);
  for (const WantedImage& image : wanted_.images) do_image(image);
  if (report_.crash) share_out_inlined();
  std::ranges::stable_sort(symbols_.images, [](const ImageSymbols& a, const ImageSymbols& b) {
    if (a.frames != b.frames) return a.frames > b.frames;
    return std::tie(a.image, a.uuid) < std::tie(b.image, b.uuid);
  });
  return std::move(symbols_);
}

}  // namespace

Symbols symbolicate(const Report& report, std::span<const Placement> placements,
                    const SymbolSources& sources, const SymbolicateOptions& options) {
  const WantedAddresses wanted = collect(report, placements);
  return Symbolicator(report, wanted, sources, options).run();
}

}  // namespace panicscan::symbols
