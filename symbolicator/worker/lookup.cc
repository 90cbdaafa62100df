#include "symbolicator/worker/lookup.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/threads.h"
#include "symbolicator/worker/dwarf_stream.h"
#include "symbolicator/worker/gsym_lookup.h"
#include "symbolicator/worker/gsym_writer.h"
#include "symbolicator/worker/image_symbols.h"
#include "symbolicator/worker/macho_file.h"
#include "symbolicator/worker/mapped_file.h"
#include "symbolicator/worker/string_table.h"

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

/// Builds a reply address by address.
class ReplyBuilder {
 public:
  /// `names` has the parts that add() counts; with `linkage_names`, these are in the reply as well.
  ReplyBuilder(const ImageSymbols& symbols, const DwarfNames& names, bool linkage_names);

  /// An address, and what DWARF says about it: frames of that part.
  void add(FileAddress address, std::span<const NameFrame> frames, std::uint32_t part);
  LookupReply take(std::vector<std::string> notes);

 private:
  /// Where texts of a part stand in the reply. That the same may stand there for another part costs
  /// less than to find out.
  struct Place {
    std::uint32_t names = 0, files = 0;
    std::optional<std::uint32_t> linkages;
  };
  /// Numbers in the reply.
  struct Name {
    std::uint32_t function = 0, linkage = 0;
  };

  void name_by_symbol_table(FileAddress address, NameFrame& frame);

  const ImageSymbols& symbols_;
  const bool linkage_names_;
  std::vector<Place> parts_;
  std::unordered_map<std::string_view, Name> of_symbols_;  ///< of the symbol table's entries
  LookupReply reply_;
};

ReplyBuilder::ReplyBuilder(const ImageSymbols& symbols, const DwarfNames& names, bool linkage_names)
    : symbols_(symbols), linkage_names_(linkage_names) {
  std::size_t bytes = 0, frames = 0;
  for (const DwarfNames::Part& part : names.parts) {
    bytes += part.names.all().size() + part.files.texts().all().size();
    frames += part.frames.size();
  }
  reply_.strings.reserve(bytes);
  reply_.frames.reserve(frames);
  reply_.chain_end.reserve(names.chains.size());
  for (const DwarfNames::Part& part : names.parts) {
    Place& place = parts_.emplace_back();
    place.names = reply_.strings.add(part.names);
    place.files = reply_.strings.add(part.files.texts());
    if (linkage_names) place.linkages = reply_.strings.add(part.linkages.texts());
  }
}

void ReplyBuilder::name_by_symbol_table(FileAddress address, NameFrame& frame) {
  const auto symbol = symbols_.table().find(address);
  if (!symbol) return;
  const auto [known, is_new] = of_symbols_.try_emplace(symbol->name);
  if (is_new) {
    known->second.function = reply_.strings.add(symbols_.for_people(symbol->name));
    if (linkage_names_) known->second.linkage = reply_.strings.add(symbol->name);
  }
  frame.function = known->second.function;
  frame.linkage = known->second.linkage;
  frame.start = symbol->start;
  frame.from = NameOrigin::symbol_table;
}

void ReplyBuilder::add(FileAddress address, std::span<const NameFrame> frames, std::uint32_t part) {
  for (NameFrame frame : frames) {
    const Place& place = parts_[part];
    if (frame.linkage != 0) {
      frame.function = place.names + frame.linkage;
      frame.linkage = place.linkages ? *place.linkages + frame.linkage : 0;
    }
    if (frame.file != 0) frame.file += place.files;
    reply_.frames.push_back(frame);
  }
  if (frames.empty()) {
    NameFrame frame;
    name_by_symbol_table(address, frame);
    if (frame.from == NameOrigin::symbol_table) reply_.frames.push_back(frame);
  } else if (reply_.frames.back().function == 0) {
    name_by_symbol_table(address, reply_.frames.back());
  }
  reply_.chain_end.push_back(static_cast<std::uint32_t>(reply_.frames.size()));
}

LookupReply ReplyBuilder::take(std::vector<std::string> notes) {
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
                                     const ImageSymbols& image, unsigned threads, OpenGsym& cache) {
  struct stat about{};
  if (::stat(request.path.c_str(), &about) != 0) return std::nullopt;
  if (!cache.open(request.cache, {request.path, symbols::stamp_of(about), request.uuid}))
    return std::nullopt;
  auto cached = read_gsym(cache, image, request.addresses, threads);
  if (!cached) return std::nullopt;
  if (cached->to_ask.empty()) return std::move(cached->names);
  std::vector<FileAddress> rest;
  for (const std::size_t i : cached->to_ask) rest.push_back(request.addresses[i]);
  DwarfNames more = read_dwarf(*found.slice, image, rest, threads);
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
                          unsigned threads, OpenGsym& open_cache) {
  const ImageSymbols image(found);
  DwarfNames dwarf;
  CacheUse cache = CacheUse::unused;
  if (!request.symbol_table_only && has_dwarf(found)) {
    std::optional<DwarfNames> cached;
    if (!request.cache.empty()) {
      cached = read_cache(request, found, image, threads, open_cache);
      cache = cached ? CacheUse::used : CacheUse::useless;
    }
    dwarf =
        cached ? *std::move(cached) : read_dwarf(*found.slice, image, request.addresses, threads);
  }
  ReplyBuilder builder(image, dwarf, request.linkage_names);
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
template <typename Request, typename Answer>
symbols::Message of_image(const Request& request, const Answer& answer) {
  const auto file = MappedFile::open(request.path);
  if (!file) return failure(file.error());
  const auto slices = read_macho(file->bytes());
  const auto image = image_with(slices, request.uuid);
  if (const auto* failed = std::get_if<Failure>(&image)) return *failed;
  return answer(std::get<FoundImage>(image));
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

symbols::Message look_up(const symbols::LookupRequest& request, unsigned threads, OpenGsym& cache) {
  return of_image(
      request, [&](const FoundImage& found) { return names_in(found, request, threads, cache); });
}

symbols::Message convert(const symbols::ConvertRequest& request, unsigned threads) {
  return of_image(request,
                  [&](const FoundImage& found) { return converted(found, request, threads); });
}

}  // namespace panicscan::symbolizer
