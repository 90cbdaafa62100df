#include "rules/template.h"

#include <algorithm>

#include "base/text.h"

namespace panicscan::rules {
namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.';
}

bool is_name(std::string_view text) {
  if (text.empty() || is_digit(text.front()) || text.front() == '.' || text.back() == '.')
    return false;
  for (const char c : text)
    if (!is_name_char(c)) return false;
  return true;
}

Error malformed(std::string message, std::size_t offset) {
  return {ErrorCode::malformed, std::move(message), {0, static_cast<std::uint32_t>(offset), 1}};
}

}  // namespace

Expected<std::vector<Piece>> split_holes(std::string_view text) {
  std::vector<Piece> pieces;
  std::string literal;
  std::size_t literal_at = 0;
  const auto flush = [&](std::size_t next) {
    if (!literal.empty())
      pieces.push_back({false, std::move(literal), {}, static_cast<std::uint32_t>(literal_at)});
    literal.clear();
    literal_at = next;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t brace = std::min(text.find('{', at), text.size());
    literal += text.substr(at, brace - at);
    at = brace;
    if (at == text.size()) break;
    if (at + 1 < text.size() && text[at + 1] == '{') {
      literal += '{';
      at += 2;
      continue;
    }
    const std::size_t close = text.find('}', at);
    if (close == std::string_view::npos)
      return malformed("a hole is opened by '{' but not closed by '}'", at);
    const std::string_view inside = text.substr(at + 1, close - at - 1);
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    if (!is_name(name))
      return malformed("\"" + std::string(inside) + "\" is no hole: expected {name} or {name:type}",
                       at);
    flush(close + 1);
    pieces.push_back({true, std::string(name),
                      colon == std::string_view::npos ? "" : std::string(inside.substr(colon + 1)),
                      static_cast<std::uint32_t>(at)});
    if (colon != std::string_view::npos && pieces.back().type.empty())
      return malformed("the hole \"" + std::string(name) + "\" has a ':' but no type", at);
    at = close + 1;
  }
  flush(text.size());
  return pieces;
}

std::optional<std::string> HoleText::fill(const Bindings& bindings) const {
  std::string filled;
  for (const Piece& piece : pieces) {
    if (!piece.is_hole) {
      filled += piece.text;
      continue;
    }
    const Binding* bound = bindings.find(piece.text);
    if (bound == nullptr) return std::nullopt;
    filled += format(bound->value);
  }
  return filled;
}

std::string fill_all(const std::vector<HoleText>& texts, const Bindings& bindings) {
  std::string joined;
  for (const HoleText& text : texts) {
    const auto filled = text.fill(bindings);
    if (!filled || filled->empty()) continue;
    if (!joined.empty()) joined += ' ';
    joined += *filled;
  }
  return joined;
}

}  // namespace panicscan::rules
