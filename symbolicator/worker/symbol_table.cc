#include "symbolicator/worker/symbol_table.h"

#include <algorithm>

#include "symbolicator/worker/byte_order.h"

namespace panicscan::symbolizer {
namespace {

constexpr std::size_t kEntrySize = 16;
constexpr std::uint8_t kStab = 0xe0;
constexpr std::uint8_t kTypeMask = 0x0e;
constexpr std::uint8_t kInSection = 0x0e;

/// Of two names for one address the one written last is kept, as llvm-symbolizer does.
struct Candidate {
  FunctionSymbol symbol;
  std::size_t order = 0;
};

std::string_view name_at(std::string_view strings, std::uint32_t offset) {
  if (offset >= strings.size()) return {};
  std::string_view name = strings.substr(offset);
  name = name.substr(0, name.find('\0'));
  if (name.starts_with('_')) name.remove_prefix(1);
  return name;
}

std::vector<FunctionSymbol> read_symbols(std::string_view slice, const Image& image) {
  const std::string_view entries = part_of(slice, image.symbols);
  const std::string_view strings = part_of(slice, image.strings);
  std::vector<Candidate> found;
  for (std::size_t i = 0; i < entries.size() / kEntrySize; ++i) {
    const std::string_view entry = entries.substr(i * kEntrySize, kEntrySize);
    const auto type = static_cast<std::uint8_t>(entry[4]);
    const std::size_t section = static_cast<std::uint8_t>(entry[5]);
    if ((type & kStab) != 0 || (type & kTypeMask) != kInSection) continue;
    if (section == 0 || section > image.sections.size()) continue;
    const Section& home = image.sections[section - 1];
    const FileAddress address{little<std::uint64_t>(entry, 8)};
    if (!home.has_code || !home.holds(address)) continue;
    const std::string_view name = name_at(strings, little<std::uint32_t>(entry, 0));
    if (!name.empty()) found.push_back({{name, address}, i});
  }
  std::ranges::sort(found, [](const Candidate& a, const Candidate& b) {
    if (a.symbol.start != b.symbol.start) return a.symbol.start < b.symbol.start;
    return a.order > b.order;
  });
  std::vector<FunctionSymbol> symbols;
  for (const Candidate& c : found)
    if (symbols.empty() || symbols.back().start != c.symbol.start) symbols.push_back(c.symbol);
  return symbols;
}

/// ULEB128 distances, each from the one before; a zero ends them.
std::vector<FileAddress> read_starts(std::string_view slice, const Image& image) {
  std::vector<FileAddress> starts;
  std::uint64_t distance = 0;
  unsigned shift = 0;
  FileAddress at = image.text;
  for (const char c : part_of(slice, image.function_starts)) {
    const auto byte = static_cast<unsigned char>(c);
    if (shift < 64) distance |= std::uint64_t{byte & 0x7fu} << shift;
    shift += 7;
    if ((byte & 0x80) != 0) continue;
    if (distance == 0) break;
    at.value += distance;
    starts.push_back(at);
    distance = 0;
    shift = 0;
  }
  // Ascending unless the distances overflow, which only a damaged table's do.
  std::ranges::sort(starts);
  return starts;
}

}  // namespace

SymbolTable::SymbolTable(std::string_view slice, const Image& image)
    : symbols_(read_symbols(slice, image)), starts_(read_starts(slice, image)) {
  std::ranges::copy_if(image.sections, std::back_inserter(code_), &Section::has_code);
}

std::optional<FunctionSymbol> SymbolTable::find(FileAddress address) const {
  const auto home = std::ranges::find_if(code_, [&](const Section& s) { return s.holds(address); });
  if (home == code_.end()) return std::nullopt;

  std::optional<FunctionSymbol> best;
  const auto symbol = std::ranges::upper_bound(symbols_, address, {}, &FunctionSymbol::start);
  if (symbol != symbols_.begin() && std::prev(symbol)->start >= home->address)
    best = *std::prev(symbol);
  const auto start = std::ranges::upper_bound(starts_, address);
  if (start != starts_.begin()) {
    const FileAddress begins = *std::prev(start);
    if (begins >= home->address && (!best || begins > best->start))
      best = FunctionSymbol{.name = {}, .start = begins};
  }
  return best;
}

}  // namespace panicscan::symbolizer
