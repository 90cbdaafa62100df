#include "symbolicator/image_lookup.h"

#include <algorithm>
#include <utility>

namespace panicscan::symbols {
namespace {

constexpr std::uint32_t kFileset = 12;  // MH_FILESET of mach-o/loader.h
/// Asked for in one request: some million names stay below the protocol's limit for a reply.
constexpr std::size_t kAddressesInRequest = 200'000;

/// The image with the UUID; in a collection with that UUID, all that it consists of.
std::vector<const MachImage*> images_with(const IdentifyReply& reply, const Uuid& uuid) {
  for (const Slice& slice : reply.slices) {
    if (slice.image.uuid == uuid) {
      if (slice.image.file_type != kFileset) return {&slice.image};
      std::vector<const MachImage*> all;
      for (const MachImage& entry : slice.entries) all.push_back(&entry);
      return all;
    }
    for (const MachImage& entry : slice.entries)
      if (entry.uuid == uuid) return {&entry};
  }
  return {};
}

/// The __TEXT of a whole collection: the header that the slice itself has.
const MachImage* collection_with(const IdentifyReply& reply, const Uuid& uuid) {
  for (const Slice& slice : reply.slices)
    if (slice.image.uuid == uuid && slice.image.file_type == kFileset) return &slice.image;
  return nullptr;
}

SymbolOrigin origin_of(NameOrigin from) {
  switch (from) {
    case NameOrigin::dwarf:
      return SymbolOrigin::dwarf;
    case NameOrigin::gsym:  // a cache of the DWARF: nobody must see whether it was there
      return SymbolOrigin::dwarf;
    case NameOrigin::symbol_table:
      return SymbolOrigin::symbol_table;
  }
  return SymbolOrigin::symbol_table;
}

std::vector<Symbol> symbols_of(const LookupReply& reply, std::size_t address, FileAddress shown) {
  std::vector<Symbol> symbols;
  for (const NameFrame& frame : reply.chain(address)) {
    Symbol& symbol = symbols.emplace_back();
    symbol.function = reply.text(frame.function);
    symbol.file = reply.text(frame.file);
    symbol.line = frame.line;
    symbol.column = frame.column;
    symbol.is_inlined = frame.inlined;
    symbol.from = origin_of(frame.from);
    symbol.offset = shown.value - frame.start.value;
  }
  const bool has_name = std::ranges::any_of(
      symbols, [](const Symbol& s) { return !s.function.empty() || s.line != 0; });
  if (!has_name) symbols.clear();
  return symbols;
}

/// An address of the image that is to be asked for.
struct Question {
  FileAddress address;
  AddressKind kind = AddressKind::pc;  ///< return addresses are shown one byte further
  std::size_t position = 0;            ///< in WantedImage::addresses
};

bool ascending(const Question& a, const Question& b) {
  return std::pair(a.address, a.kind) < std::pair(b.address, b.kind);
}

std::string failure_text(const SymbolFile& file, const Refusal& refusal) {
  return file.path + ": " + refusal.message;
}

/// Whether the answer to the request would have been longer than a message may be.
bool is_too_long(const Refusal& refusal) {
  return refusal.reason == Refusal::Reason::failure && refusal.kind == FailureKind::limit;
}

/// The middle of a run of questions that are not all for one address; equal ones stay together.
std::size_t middle_of(std::span<const Question> questions) {
  std::size_t middle = questions.size() / 2;
  while (middle > 0 && questions[middle].address == questions[middle - 1].address) --middle;
  if (middle > 0) return middle;
  while (questions[middle].address == questions.front().address) ++middle;
  return middle;
}

/// Asks for a run of questions, all of one image, and hands out the answers. A run whose answer is
/// too long for one message is asked in halves, down to single addresses.
void ask(const SymbolSources& sources, const SymbolFile& file, const Uuid& uuid,
         std::span<const Question> questions, ImageNames& names) {
  LookupRequest request;
  request.path = file.path;
  request.uuid = uuid;
  for (const Question& q : questions)
    if (request.addresses.empty() || request.addresses.back() != q.address)
      request.addresses.push_back(q.address);
  const auto answer = sources.look_up(request);
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    if (is_too_long(*refusal) && request.addresses.size() > 1) {
      const std::size_t middle = middle_of(questions);
      ask(sources, file, uuid, questions.first(middle), names);
      if (names.outcome == ImageNames::Outcome::answered)
        ask(sources, file, uuid, questions.subspan(middle), names);
      return;
    }
    names.outcome = refusal->reason == Refusal::Reason::not_installed
                        ? ImageNames::Outcome::not_installed
                        : ImageNames::Outcome::failed;
    names.problem = failure_text(file, *refusal);
    return;
  }
  const auto& reply = std::get<LookupReply>(answer);
  for (const std::string& note : reply.notes) names.notes.push_back(file.path + ": " + note);
  std::size_t row = 0;
  const Question* before = nullptr;
  for (const Question& q : questions) {
    while (row + 1 < request.addresses.size() && request.addresses[row] < q.address) ++row;
    const bool is_same =
        before != nullptr && before->address == q.address && before->kind == q.kind;
    if (!is_same) {
      const std::uint64_t step = q.kind == AddressKind::return_address ? 1 : 0;
      names.chains.push_back(symbols_of(reply, row, {q.address.value + step}));
    }
    before = &q;
    names.chain[q.position] = static_cast<std::uint32_t>(names.chains.size() - 1);
    names.status[q.position] =
        names.chains.back().empty() ? SymbolStatus::no_name : SymbolStatus::named;
    if (!names.chains.back().empty() &&
        names.chains.back().front().from != SymbolOrigin::symbol_table)
      ++names.with_lines;
  }
}

/// The end of the next request's questions; equal addresses stay together.
std::size_t end_of_request(std::span<const Question> questions, std::size_t begin) {
  std::size_t end = std::min(questions.size(), begin + kAddressesInRequest);
  while (end < questions.size() && questions[end].address == questions[end - 1].address) ++end;
  return end;
}

}  // namespace

ImageNames ImageLookup::look_up(const WantedImage& image, const SymbolFile& file,
                                std::optional<Address> base) {
  ImageNames names;
  names.status.assign(image.addresses.size(), SymbolStatus::outside_image);
  names.chain.assign(image.addresses.size(), 0);

  auto known = identified_.find(file.path);
  if (known == identified_.end())
    known = identified_.emplace(file.path, sources_.identify(file.path)).first;
  if (const auto* refusal = std::get_if<Refusal>(&known->second)) {
    names.outcome = refusal->reason == Refusal::Reason::not_installed
                        ? ImageNames::Outcome::not_installed
                        : ImageNames::Outcome::failed;
    names.problem = failure_text(file, *refusal);
    return names;
  }
  const auto& reply = std::get<IdentifyReply>(known->second);
  const auto parts = images_with(reply, file.uuid);
  if (parts.empty()) {
    names.outcome = ImageNames::Outcome::failed;
    names.problem = file.path + ": holds no image with UUID " + to_string(file.uuid);
    return names;
  }
  const MachImage* whole = collection_with(reply, file.uuid);
  if (base && whole == nullptr) names.is_base_plausible = is_plausible_base(*base, *parts.front());

  std::vector<std::vector<Question>> questions(parts.size());
  for (std::size_t i = 0; i < image.addresses.size(); ++i) {
    const WantedAddress& wanted = image.addresses[i];
    const auto at = file_address(wanted.code, whole != nullptr ? *whole : *parts.front());
    const auto part = std::ranges::find_if(
        parts, [&](const MachImage* p) { return at && p->uuid && is_in_code(*p, *at); });
    if (part == parts.end())
      ++names.outside;
    else
      questions[static_cast<std::size_t>(part - parts.begin())].push_back({*at, wanted.kind, i});
  }
  for (std::size_t part = 0; part < parts.size(); ++part) {
    auto& asked = questions[part];
    std::ranges::sort(asked, ascending);
    for (std::size_t begin = 0; begin < asked.size();) {
      const std::size_t end = end_of_request(asked, begin);
      ask(sources_, file, *parts[part]->uuid, std::span(asked).subspan(begin, end - begin), names);
      if (names.outcome != ImageNames::Outcome::answered) return names;
      begin = end;
    }
  }
  return names;
}

}  // namespace panicscan::symbols
