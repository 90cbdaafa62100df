#include "model/symbols.h"

#include <algorithm>

#include "base/text.h"

namespace panicscan {
namespace {

/// Reads "name + 0x12", "name + 18 (a.c:3)" or "name"; the last two words as `symbolicate` writes
/// them.
Symbol read_reported(std::string_view text) {
  Symbol symbol;
  constexpr std::string_view kInlined = " [inlined]";
  if (text.ends_with(kInlined)) {
    symbol.is_inlined = true;
    text.remove_suffix(kInlined.size());
  }
  const auto plus = text.rfind(" + ");
  symbol.function = std::string(trim(text.substr(0, plus)));
  if (plus == std::string_view::npos) return symbol;
  std::string_view rest = text.substr(plus + 3);
  const auto bracket = rest.find(" (");
  if (bracket != std::string_view::npos && rest.ends_with(')')) {
    std::string_view place = rest.substr(bracket + 2, rest.size() - bracket - 3);
    const auto colon = place.rfind(':');
    symbol.file = std::string(place.substr(0, colon));
    if (colon != std::string_view::npos)
      symbol.line = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(parse_number(place.substr(colon + 1)).value_or(0), UINT32_MAX));
    rest = rest.substr(0, bracket);
  }
  symbol.offset = parse_number(trim(rest)).value_or(0);
  return symbol;
}

}  // namespace

std::span<const Symbol> Symbols::of(Index<Frame> frame) const { return names_[list_of(frame)]; }

std::uint32_t Symbols::list_of(Index<Frame> frame) const {
  return frame.value < by_frame_.size() ? by_frame_[frame.value] : 0;
}

void Symbols::set(Index<Frame> frame, std::vector<Symbol> names) {
  share(frame, names.empty() ? 0 : add(std::move(names)));
}

std::uint32_t Symbols::add(std::vector<Symbol> names) {
  names_.push_back(std::move(names));
  return static_cast<std::uint32_t>(names_.size() - 1);
}

void Symbols::share(Index<Frame> frame, std::uint32_t names) {
  if (frame.value >= by_frame_.size()) by_frame_.resize(frame.value + std::size_t{1});
  by_frame_[frame.value] = names < names_.size() ? names : 0;
}

const AddressSymbols* Symbols::find(Address address) const {
  const auto found = std::ranges::lower_bound(others, address, {}, &AddressSymbols::address);
  return found == others.end() || found->address != address ? nullptr : &*found;
}

SymbolStatus Symbols::status(Index<Frame> frame) const {
  return frame.value < status_.size() ? status_[frame.value] : SymbolStatus::not_looked_up;
}

void Symbols::set_status(Index<Frame> frame, SymbolStatus status) {
  if (frame.value >= status_.size()) status_.resize(frame.value + std::size_t{1});
  status_[frame.value] = status;
}

Symbols symbols_in_report(const Report& report) {
  Symbols symbols(report.frames.size());
  for (std::uint32_t i = 0; i < report.frames.size(); ++i) {
    const Frame& frame = report.frames[i];
    if (frame.reported_symbol.empty()) continue;
    Symbol symbol = read_reported(frame.reported_symbol);
    symbol.is_inlined = frame.is_inline;
    if (frame.reported_place) {
      symbol.file = report.places[frame.reported_place->value].file;
      symbol.line = report.places[frame.reported_place->value].line;
    }
    symbols.set({i}, {std::move(symbol)});
  }
  return symbols;
}

}  // namespace panicscan
