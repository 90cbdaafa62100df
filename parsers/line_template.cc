#include "parsers/line_template.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace panicscan::parsers {
namespace {

bool is_word_character(char c) {
  return !is_space(c) && std::string_view("\"',;()[]{}<>").find(c) == std::string_view::npos;
}

struct NumberType {
  std::string_view name;
  ValueType type;
  bool is_hex;
};
constexpr std::array kNumberTypes{
    NumberType{"number", ValueType::number, false},
    NumberType{"pid", ValueType::pid, false},
    NumberType{"milliseconds", ValueType::milliseconds, false},
    NumberType{"seconds", ValueType::seconds, false},
    NumberType{"hex", ValueType::hex, true},
    NumberType{"address", ValueType::address, true},
};

std::optional<std::uint64_t> consume_any_hex(std::string_view& text) {
  if (const auto value = consume_hex(text)) return value;
  return consume_hex_digits(text);
}

/// Reads what a hole takes; `stop` is the literal behind it.
std::optional<Value> take(std::string_view type, std::string_view& rest, std::string_view stop) {
  const auto number = std::ranges::find(kNumberTypes, type, &NumberType::name);
  if (number != kNumberTypes.end()) {
    const auto value = number->is_hex ? consume_any_hex(rest) : consume_decimal(rest);
    if (!value) return std::nullopt;
    return Value::of(number->type, *value);
  }
  std::size_t length = 0;
  if (type == "word") {
    while (length < rest.size() && is_word_character(rest[length])) ++length;
  } else if (type == "line" || stop.empty()) {
    length = trim(rest).empty() ? 0 : rest.size();
  } else {
    const auto at = rest.find(stop);
    length = at == std::string_view::npos ? 0 : at;
  }
  if (length == 0) return std::nullopt;
  Value value = Value::text(std::string(trim(rest.substr(0, length))));
  rest.remove_prefix(length);
  return value;
}

}  // namespace

LineTemplate::LineTemplate(std::string_view pattern) {
  pieces_.emplace_back();
  while (!pattern.empty()) {
    const auto open = std::min(pattern.find('{'), pattern.size());
    pieces_.back().literal = pattern.substr(0, open);
    pattern.remove_prefix(open);
    if (pattern.empty()) break;
    const auto close = std::min(pattern.find('}'), pattern.size() - 1);
    const std::string_view hole = pattern.substr(1, close - 1);
    const auto colon = std::min(hole.find(':'), hole.size() - 1);
    pattern.remove_prefix(close + 1);
    const bool is_first =
        pieces_.size() == 1 && !pieces_.front().hole && pieces_.front().literal.empty();
    if (!is_first) pieces_.emplace_back();
    pieces_.back().hole = Hole{hole.substr(0, colon), hole.substr(colon + 1)};
  }
}

std::string_view LineTemplate::longest_literal() const {
  return std::ranges::max(pieces_, {}, [](const Piece& piece) { return piece.literal.size(); })
      .literal;
}

std::optional<Captures> LineTemplate::match(std::string_view line) const {
  const Piece& first = pieces_.front();
  const auto at = line.find(first.literal);
  if (at == std::string_view::npos) return std::nullopt;
  Captures captures;
  if (first.hole) {
    std::size_t begin = at;
    while (begin > 0 && is_word_character(line[begin - 1])) --begin;
    if (begin == at) return std::nullopt;
    captures.emplace_back(first.hole->name,
                          Value::text(std::string(line.substr(begin, at - begin))));
  }
  std::string_view rest = line.substr(at + first.literal.size());
  for (auto piece = pieces_.begin() + 1; piece != pieces_.end(); ++piece) {
    auto value = take(piece->hole->type, rest, piece->literal);
    if (!value || !consume(rest, piece->literal)) return std::nullopt;
    captures.emplace_back(piece->hole->name, *std::move(value));
  }
  return captures;
}

}  // namespace panicscan::parsers
