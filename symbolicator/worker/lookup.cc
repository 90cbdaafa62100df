#include "symbolicator/worker/lookup.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/threads.h"
#include "symbolicator/worker/dwarf_stream.h"
#include "symbolicator/worker/gsym_lookup.h"
#include "symbolicator/worker/gsym_writer.h"
#include "symbolicator/worker/macho_file.h"
#include "symbolicator/worker/mapped_file.h"
#include "symbolicator/worker/names.h"
#include "symbolicator/worker/string_table.h"
#include "symbolicator/worker/symbol_table.h"

namespace panicscan::symbolizer {
namespace {

using symbols::CacheUse;
using symbols::Failure;
using symbols::FailureKind;
using symbols::LookupReply;
using symbols::NameFrame;
using symbols::NameOrigin;

Failure failure(const Error& error) {
  const FailureKind kind = error.code == ErrorCode::unreadable       ? FailureKind::unreadable
                           : error.code == ErrorCode::unknown_format ? FailureKind::not_macho
                                                                     : FailureKind::malformed;
  return {kind, error.message};
}

/// Names for each thread that makes some: for fewer, starting one is not worth while.
constexpr std::size_t kNamesOfThread = 128;
/// A name for people that was not made yet.
constexpr std::uint32_t kUnknown = ~std::uint32_t{0};

/// Builds a reply address by address.
class ReplyBuilder {
 public:
  explicit ReplyBuilder(const FoundImage& found) : found_(found) {}

  /// Makes the texts of the next part known; add() counts parts from 0.
  void add_part(const DwarfNames::Part& part);
  /// Makes the names for people of all parts, which takes longer than all else that is done here.
  void make_names(std::span<const DwarfNames::Part> parts, unsigned threads);
  /// An address, and what DWARF says about it: frames of that part.
  void add(FileAddress address, std::span<const NameFrame> frames, std::uint32_t part);
  LookupReply take(std::vector<std::string> notes);

 private:
  const SymbolTable& symbol_table();
  /// The number of the name for people, given the number of a linkage name.
  std::uint32_t shown(std::uint32_t linkage);
  /// What shown() needs before it asks for this name.
  void prepare(std::string_view linkage);
  std::string for_people(const std::string& linkage) const;
  void name_by_symbol_table(FileAddress address, NameFrame& frame);

  FoundImage found_;
  std::optional<SymbolTable> table_;
  std::optional<IigClasses> iig_;
  StringTable strings_;
  std::vector<std::vector<std::uint32_t>> moved_;  ///< by part and number there, the number here
  std::vector<std::uint32_t> shown_;               ///< by linkage name; kUnknown: not made yet
  LookupReply reply_;
};

const SymbolTable& ReplyBuilder::symbol_table() {
  if (!table_) table_.emplace(found_.slice->bytes, *found_.image);
  return *table_;
}

void ReplyBuilder::add_part(const DwarfNames::Part& part) {
  std::vector<std::uint32_t>& numbers = moved_.emplace_back(part.strings.size());
  for (std::uint32_t i = 0; i < numbers.size(); ++i)
    numbers[i] = strings_.add(part.strings.text(i));
}

void ReplyBuilder::prepare(std::string_view linkage) {
  if (!iig_ && may_be_iig(linkage)) iig_.emplace(symbol_table().functions());
}

std::string ReplyBuilder::for_people(const std::string& linkage) const {
  const auto written =
      iig_ && may_be_iig(linkage) ? iig_->as_written(linkage) : std::optional<std::string>();
  return written ? *written : demangled(linkage);
}

std::uint32_t ReplyBuilder::shown(std::uint32_t linkage) {
  if (linkage >= shown_.size()) shown_.resize(strings_.size(), kUnknown);
  if (shown_[linkage] != kUnknown) return shown_[linkage];
  prepare(strings_.text(linkage));
  return shown_[linkage] = strings_.add(for_people(strings_.text(linkage)));
}

void ReplyBuilder::make_names(std::span<const DwarfNames::Part> parts, unsigned threads) {
  shown_.assign(strings_.size(), kUnknown);
  std::vector<bool> is_wanted(strings_.size());
  std::vector<std::uint32_t> wanted;
  for (std::size_t part = 0; part < parts.size(); ++part)
    for (const NameFrame& frame : parts[part].frames) {
      const std::uint32_t linkage = moved_[part][frame.linkage];
      if (is_wanted[linkage]) continue;
      is_wanted[linkage] = true;
      wanted.push_back(linkage);
      prepare(strings_.text(linkage));
    }
  std::vector<std::string> names(wanted.size());
  const auto useful = std::min<std::size_t>(1 + wanted.size() / kNamesOfThread, threads);
  for_each_on_threads(names.size(), static_cast<unsigned>(useful),
                      [&](std::size_t i) { names[i] = for_people(strings_.text(wanted[i])); });
  for (std::size_t i = 0; i < names.size(); ++i) shown_[wanted[i]] = strings_.add(names[i]);
}

void ReplyBuilder::name_by_symbol_table(FileAddress address, NameFrame& frame) {
  const auto function = symbol_table().find(address);
  if (!function) return;
  frame.linkage = strings_.add(function->name);
  frame.start = function->start;
  frame.from = NameOrigin::symbol_table;
}

void ReplyBuilder::add(FileAddress address, std::span<const NameFrame> frames, std::uint32_t part) {
  const std::size_t first = reply_.frames.size();
  for (NameFrame frame : frames) {
    frame.linkage = moved_[part][frame.linkage];
    frame.file = moved_[part][frame.file];
    reply_.frames.push_back(frame);
  }
  if (frames.empty()) {
    NameFrame frame;
    name_by_symbol_table(address, frame);
    if (frame.from == NameOrigin::symbol_table) reply_.frames.push_back(frame);
  } else if (reply_.frames.back().linkage == 0) {
    name_by_symbol_table(address, reply_.frames.back());
  }
  for (std::size_t i = first; i < reply_.frames.size(); ++i)
    reply_.frames[i].function = shown(reply_.frames[i].linkage);
  reply_.chain_end.push_back(static_cast<std::uint32_t>(reply_.frames.size()));
}

LookupReply ReplyBuilder::take(std::vector<std::string> notes) {
  reply_.strings = strings_.take();
  reply_.notes = std::move(notes);
  return std::move(reply_);
}

bool has_dwarf(const FoundImage& found) { return found.is_slice() && found.image->facts.has_dwarf; }

/// The image of a file, or why there is none.
std::variant<FoundImage, Failure> image_with(const Expected<std::vector<ImageSlice>>& slices,
                                             const Uuid& uuid) {
  if (!slices) return failure(slices.error());
  const auto found = find_image(*slices, uuid);
  if (found) return *found;
  return Failure{FailureKind::wrong_uuid, "no image in the file has UUID " + to_string(uuid)};
}

/// What the cache says, completed from the DWARF; nothing when it is of no use.
std::optional<DwarfNames> read_cache(const symbols::LookupRequest& request, const FoundImage& found,
                                     unsigned threads) {
  struct stat about{};
  if (::stat(request.path.c_str(), &about) != 0) return std::nullopt;
  auto cached = read_gsym(request.cache, request.path, symbols::stamp_of(about), request.uuid,
                          request.addresses, threads);
  if (!cached) return std::nullopt;
  if (cached->to_ask.empty()) return std::move(cached->names);
  std::vector<FileAddress> rest;
  for (const std::size_t i : cached->to_ask) rest.push_back(request.addresses[i]);
  DwarfNames more = read_dwarf(*found.slice, rest, threads);
  const auto base = static_cast<std::uint32_t>(cached->names.parts.size());
  for (std::size_t i = 0; i < rest.size(); ++i) {
    more.chains[i].part += base;
    cached->names.chains[cached->to_ask[i]] = more.chains[i];
  }
  for (DwarfNames::Part& part : more.parts) cached->names.parts.push_back(std::move(part));
  cached->names.notes = std::move(more.notes);
  return std::move(cached->names);
}

symbols::Message names_in(const FoundImage& found, const symbols::LookupRequest& request,
                          unsigned threads) {
  DwarfNames dwarf;
  CacheUse cache = CacheUse::unused;
  if (!request.symbol_table_only && has_dwarf(found)) {
    std::optional<DwarfNames> cached;
    if (!request.cache.empty()) {
      cached = read_cache(request, found, threads);
      cache = cached ? CacheUse::used : CacheUse::useless;
    }
    dwarf = cached ? *std::move(cached) : read_dwarf(*found.slice, request.addresses, threads);
  }
  ReplyBuilder builder(found);
  for (const DwarfNames::Part& part : dwarf.parts) builder.add_part(part);
  builder.make_names(dwarf.parts, threads);
  dwarf.chains.resize(request.addresses.size());
  for (std::size_t i = 0; i < request.addresses.size(); ++i) {
    const DwarfNames::Chain& chain = dwarf.chains[i];
    std::span<const NameFrame> frames;
    if (chain.count > 0)
      frames = std::span(dwarf.parts[chain.part].frames).subspan(chain.first, chain.count);
    builder.add(request.addresses[i], frames, chain.part);
  }
  LookupReply reply = builder.take(std::move(dwarf.notes));
  reply.cache = cache;
  return reply;
}

symbols::Message converted(const FoundImage& found, const symbols::ConvertRequest& request,
                           unsigned threads) {
  if (!has_dwarf(found)) return Failure{FailureKind::malformed, "the image has no DWARF"};
  auto written = write_gsym(*found.slice, request.first_unit, threads);
  if (!written) return failure(written.error());
  return *std::move(written);
}

/// Answers a request with what `answer` makes of the image that it is about.
template <typename Request>
symbols::Message of_image(const Request& request, unsigned threads,
                          symbols::Message (*answer)(const FoundImage&, const Request&, unsigned)) {
  const auto file = MappedFile::open(request.path);
  if (!file) return failure(file.error());
  const auto slices = read_macho(file->bytes());
  const auto image = image_with(slices, request.uuid);
  if (const auto* failed = std::get_if<Failure>(&image)) return *failed;
  return answer(std::get<FoundImage>(image), request, threads);
}

}  // namespace

symbols::Message identify(const symbols::IdentifyRequest& request) {
  const auto file = MappedFile::open(request.path);
  if (!file) return failure(file.error());
  auto slices = read_macho(file->bytes());
  if (!slices) return failure(slices.error());
  symbols::IdentifyReply reply;
  for (ImageSlice& slice : *slices) {
    symbols::Slice& out = reply.slices.emplace_back();
    out.image = std::move(slice.image.facts);
    for (Image& entry : slice.entries) out.entries.push_back(std::move(entry.facts));
  }
  return reply;
}

symbols::Message look_up(const symbols::LookupRequest& request, unsigned threads) {
  return of_image(request, threads, names_in);
}

symbols::Message convert(const symbols::ConvertRequest& request, unsigned threads) {
  return of_image(request, threads, converted);
}

}  // namespace panicscan::symbolizer
