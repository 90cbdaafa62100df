#include "render/symbol_words.h"

namespace panicscan::render {
namespace {

std::span<const Symbol> without_reported(std::span<const Symbol> names) {
  if (names.empty() || names.front().from == SymbolOrigin::report) return {};
  return names;
}

}  // namespace

std::span<const Symbol> found_names(const Symbols& symbols, Index<Frame> frame) {
  return without_reported(symbols.of(frame));
}

std::span<const Symbol> found_names(const Symbols& symbols, Address address) {
  const AddressSymbols* known = symbols.find(address);
  return known == nullptr ? std::span<const Symbol>() : without_reported(known->names);
}

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string symbol_words(const Symbol& symbol, SymbolStatus status) {
  TerminalText words =
      say("{} + {}", symbol.function.empty() ? "???" : symbol.function.c_str(), symbol.offset);
  const std::string_view file = base_name(symbol.file);
  if (!file.empty())
    words += symbol.line == 0 ? say(" ({})", file) : say(" ({}:{})", file, symbol.line);
  std::string text(words.view());
  if (status == SymbolStatus::near_match) text += kNearMatchMark;
  if (symbol.is_inlined) text += kInlinedMark;
  return text;
}

std::vector<std::string> chain_words(std::span<const Symbol> names, SymbolStatus status) {
  std::vector<std::string> words;
  for (const Symbol& symbol : names) words.push_back(symbol_words(symbol, status));
  return words;
}

TerminalText safe_line(std::string_view line) {
  TerminalText safe;
  for (auto tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
    safe += escape(line.substr(0, tab)) + internal::as_safe("\t");
    line.remove_prefix(tab + 1);
  }
  return safe + escape(line);
}

}  // namespace panicscan::render
