#include "symbolicator/worker/gsym_lookup.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/DebugInfo/GSYM/GsymReader.h>
#include <llvm/DebugInfo/GSYM/LookupResult.h>

#include <algorithm>
#include <atomic>

#include "base/threads.h"
#include "symbolicator/worker/gsym_piece.h"
#include "symbolicator/worker/gsym_text.h"

namespace panicscan::symbolizer {
namespace {

using llvm::gsym::GsymReader;
using symbols::Bytes;
using symbols::CodeRange;
using symbols::NameFrame;

/// Addresses for each thread: for fewer, starting one is not worth while.
constexpr std::size_t kAddressesOfThread = 64;

/// The texts of a piece that are known already, by where they stand in it: each is in the piece
/// once, and most are wanted many times.
class PieceTexts {
 public:
  explicit PieceTexts(DwarfNames::Part& part) : part_(part) {}

  std::uint32_t name(llvm::StringRef name) {
    const auto [known, is_new] = names_.try_emplace(name.data());
    if (is_new) known->second = part_.linkages.add(name);
    return known->second;
  }
  std::uint32_t file(llvm::StringRef folder, llvm::StringRef base) {
    const auto [known, is_new] = files_.try_emplace({folder.data(), base.data()});
    if (is_new) known->second = part_.files.add(joined(folder, base));
    return known->second;
  }

 private:
  DwarfNames::Part& part_;
  llvm::DenseMap<const char*, std::uint32_t> names_;
  llvm::DenseMap<std::pair<const char*, const char*>, std::uint32_t> files_;
};

/// The names of an address; undoes what gsym_text.h describes.
bool add_chain(const GsymReader& gsym, const GsymPiece& piece, FileAddress address,
               PieceTexts& texts, std::vector<NameFrame>& frames) {
  auto found = gsym.lookup(address.value);
  if (!found) {
    llvm::consumeError(found.takeError());
    return false;
  }
  for (const llvm::gsym::SourceLocation& at : found->Locations) {
    NameFrame frame;
    const bool is_last = &at == &found->Locations.back();
    const bool has_function = !is_last || at.Name != llvm::StringRef(kNoFunction);
    if (has_function && !(is_last && at.Name == llvm::StringRef(kNoText)))
      frame.linkage = texts.name(at.Name);
    if (!at.Dir.empty() || at.Base != llvm::StringRef(kNoText))
      frame.file = texts.file(at.Dir, at.Base);
    const SourcePosition position = unpack(at.Line);
    frame.line = position.line;
    frame.column = position.column;
    frame.inlined = !is_last;
    frame.from = symbols::NameOrigin::gsym;
    if (found->FuncName != llvm::StringRef(kNoFunction))
      frame.start = {piece.start_of(address.value)};
    frames.push_back(frame);
  }
  return true;
}

/// An address, and the piece that says what it is called.
struct Wanted {
  std::uint32_t chunk = 0;
  std::size_t address = 0;  ///< its position
};

/// Which pieces hold the addresses, each piece's together; the others go to `to_ask`, or nowhere.
std::vector<Wanted> wanted_pieces(const symbols::GsymIndex& index,
                                  std::span<const FileAddress> addresses,
                                  std::vector<std::size_t>& to_ask) {
  std::vector<Wanted> wanted;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto after = std::ranges::upper_bound(index.ranges, addresses[i], {}, &CodeRange::begin);
    if (after == index.ranges.begin() || addresses[i].value >= std::prev(after)->end()) continue;
    const std::uint32_t chunk = std::prev(after)->chunk;
    if (chunk == CodeRange::kAskDwarf)
      to_ask.push_back(i);
    else
      wanted.push_back({chunk, i});
  }
  std::ranges::stable_sort(wanted, {}, &Wanted::chunk);
  return wanted;
}

/// The addresses of one piece after the other.
std::vector<std::span<const Wanted>> by_piece(std::span<const Wanted> wanted) {
  std::vector<std::span<const Wanted>> pieces;
  while (!wanted.empty()) {
    const auto end = std::ranges::find_if(
        wanted, [&](const Wanted& w) { return w.chunk != wanted.front().chunk; });
    const auto count = static_cast<std::size_t>(end - wanted.begin());
    pieces.push_back(wanted.first(count));
    wanted = wanted.subspan(count);
  }
  return pieces;
}

}  // namespace

std::optional<GsymNames> read_gsym(const OpenGsym& file, const ImageSymbols& image,
                                   std::span<const FileAddress> addresses, unsigned threads) {
  GsymNames result;
  DwarfNames& names = result.names;
  names.chains.resize(addresses.size());
  const auto wanted = wanted_pieces(file.index(), addresses, result.to_ask);
  const auto pieces = by_piece(wanted);

  const auto useful = std::min<std::size_t>(1 + wanted.size() / kAddressesOfThread, threads);
  names.parts.resize(useful);
  std::atomic<std::uint32_t> next_part = 0;
  std::atomic<std::size_t> next_piece = 0;
  std::atomic<bool> is_damaged = false;
  run_on_threads(static_cast<unsigned>(useful), [&] {
    const std::uint32_t number = next_part++;
    DwarfNames::Part part;  // of this thread alone while it grows: not even a cache line is shared
    Bytes buffer;
    for (std::size_t i = next_piece++; i < pieces.size() && !is_damaged; i = next_piece++) {
      const auto piece = file.piece(pieces[i].front().chunk, buffer);
      auto gsym = GsymReader::copyBuffer(piece ? piece->gsym : std::string_view());
      if (!gsym) llvm::consumeError(gsym.takeError());
      PieceTexts texts(part);
      for (const Wanted& w : pieces[i]) {
        const auto first = static_cast<std::uint32_t>(part.frames.size());
        if (!gsym || !add_chain(*gsym, *piece, addresses[w.address], texts, part.frames)) {
          is_damaged = true;
          break;
        }
        const auto count = static_cast<std::uint32_t>(part.frames.size()) - first;
        names.chains[w.address] = {number, first, count};
      }
      part.make_names(image);
    }
    names.parts[number] = std::move(part);
  });
  if (is_damaged) return std::nullopt;
  return result;
}

}  // namespace panicscan::symbolizer
